// Where messages are kept, as the resources and the scheduler need it. Implemented by storage on
// SQLite. Reads are synchronous, on the calling worker's own read connection; writes are queued to
// the one writer, which commits them in groups and then calls `done` on its own thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "messaging/message.h"

namespace sallyport::messaging {

struct Idempotency {
  std::string key;    // empty = none was given
  std::string scope;  // account, user, method, canonical path, joined injectively
  Digest body_hash{};
  std::int64_t expires_us = 0;
};

struct InsertOutcome {
  enum class Kind : std::uint8_t {
    Stored,    // a new message
    Replayed,  // the same key and body before: `id` is that message's
    Conflict,  // the same key with another body
  };
  Kind kind = Kind::Stored;
  MessageId id;
};

struct ListQuery {
  AccountId account;
  WorkspaceId workspace;
  UserId user;  // none = all users
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
  std::optional<std::string> label;
  std::int64_t offset = 0;
  std::int64_t limit = 20;
};

// One recipient due for an attempt, with what a channel needs.
struct Due {
  MessageId message;
  std::int32_t recipient = 0;
};

struct DeliveryUpdate {
  MessageId message;
  std::int32_t recipient = 0;
  DeliveryState state = DeliveryState::Pending;
  std::int32_t attempts = 0;
  std::int64_t next_attempt_us = 0;
  std::int64_t time_us = 0;
  std::int32_t code = 0;
  std::string text;
};

template <class T>
using Done = std::move_only_function<void(Result<T>)>;

class MessageStore {
 public:
  virtual ~MessageStore() = default;

  // Writes (any thread). Message, recipients and idempotency record in one transaction.
  virtual void insert(Message message, Idempotency idempotency, Done<InsertOutcome> done) = 0;
  // Attempts started and their ends, durable before `done`.
  virtual void update(std::vector<DeliveryUpdate> updates, Done<bool> done) = 0;

  // Reads (any thread; each thread has its own connection). With content: bodies, and the names of
  // attachments without their bytes.
  virtual Result<std::optional<Message>> find(AccountId account, WorkspaceId workspace,
                                              MessageId id, bool with_content) = 0;
  virtual Result<std::vector<Message>> list(const ListQuery& query) = 0;  // newest first, no bodies

  // The scheduler's: the oldest due recipients of active accounts, whatever the account.
  virtual Result<std::vector<Due>> due(std::int64_t now_us, std::int64_t limit) = 0;
  virtual Result<std::optional<std::int64_t>> next_due_us() = 0;
  virtual Result<std::optional<Message>> load(MessageId id) = 0;  // for an attempt, with content
  // At start: attempts without an end become due again (in doubt, transactional: try again).
  virtual Result<std::int64_t> recover_attempts(std::int64_t now_us) = 0;
};

}  // namespace sallyport::messaging
