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
    OverRate,  // the account's messages per minute or per day are used up
    OverQuota,
  };
  Kind kind = Kind::Stored;
  MessageId id;
};

// What an account may send, counted in the transaction that stores the message. One recipient of an
// email counts 1, of an SMS as many parts as the text has.
struct SendGuard {
  std::optional<std::uint32_t> per_minute;
  std::optional<std::uint32_t> per_day;
  std::optional<std::uint32_t> sms_per_day;
  std::uint32_t email = 0;  // what this message counts
  std::uint32_t sms = 0;
  bool guards() const { return per_minute || per_day || (sms_per_day && sms > 0); }
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

// One recipient due for an attempt.
struct Due {
  MessageId message;
  std::int32_t recipient = 0;
  ChannelKind channel = ChannelKind::Email;
  std::string destination = {};  // an email's domain; of all SMS the same
};
// False for one that is not to be taken now: it is in hand already, or its destination is full.
using DueFilter = std::function<bool(const Due&)>;

// What becomes of attempts whose end nobody knows, per channel.
enum class InDoubtPolicy : std::uint8_t { ByClass, Again, Stop };
struct InDoubtPolicies {
  InDoubtPolicy email = InDoubtPolicy::ByClass;
  InDoubtPolicy sms = InDoubtPolicy::ByClass;
  InDoubtPolicy of(ChannelKind kind) const { return kind == ChannelKind::Email ? email : sms; }
};
bool tries_again(InDoubtPolicy policy, MessageClass kind);

struct DeliveryUpdate {
  MessageId message;
  std::int32_t recipient = 0;
  DeliveryState state = DeliveryState::Pending;
  std::int32_t attempts = 0;
  std::int64_t next_attempt_us = 0;
  std::int64_t time_us = 0;
  std::int32_t code = 0;
  std::string text;
  // The end of an attempt says when it began and who answered; without the first it is none, and
  // the message's story does not get longer.
  std::int64_t started_us = 0;
  std::string via = {};
  bool in_doubt = false;  // the attempt's own result, also when it is to be made again
};

// What the housekeeping finds to do.
struct RepetitionDue {
  MessageId message;
  Repetition repetition;
  std::int64_t next_us = 0;
  std::int64_t first_us = 0;  // when the message itself was due
};
struct Retention {
  AccountId account;
  std::int64_t before_us = 0;  // what was accepted before that and is at its end goes
};

template <class T>
using Done = std::move_only_function<void(Result<T>)>;

class MessageStore {
 public:
  virtual ~MessageStore() = default;

  // Writes (any thread). Message, recipients and idempotency record in one transaction.
  virtual void insert(Message message, Idempotency idempotency, SendGuard guard,
                      Done<InsertOutcome> done) = 0;
  // Attempts started and their ends, durable before `done`.
  virtual void update(std::vector<DeliveryUpdate> updates, Done<bool> done) = 0;

  // Reads (any thread; each thread has its own connection). With content: bodies, and the names of
  // attachments without their bytes.
  virtual Result<std::optional<Message>> find(AccountId account, WorkspaceId workspace,
                                              MessageId id, bool with_content) = 0;
  virtual Result<std::vector<Message>> list(const ListQuery& query) = 0;  // newest first, no bodies

  // The scheduler's: due recipients of active accounts, in turn between the accounts and between
  // new and deferred, the oldest first.
  virtual Result<std::vector<Due>> due(std::int64_t now_us, std::int64_t limit,
                                       const DueFilter& wanted) = 0;
  virtual Result<std::optional<std::int64_t>> next_due_us() = 0;
  virtual Result<std::optional<Message>> load(MessageId id) = 0;  // for an attempt, with content
  // At start: attempts without an end are in doubt; by the policy they become due again or end.
  virtual Result<std::int64_t> recover_attempts(std::int64_t now_us, InDoubtPolicies policies) = 0;

  // The housekeeping's. A report about a recipient that comes back later: a bounce, a receipt.
  virtual void report(DeliveryUpdate update, Done<bool> done) = 0;
  virtual Result<std::vector<RepetitionDue>> repetitions(std::int64_t now_us) = 0;
  virtual Result<std::optional<std::int64_t>> next_repetition_us() = 0;
  // One transaction: a new message like the one before, due now; and when the one after that comes
  // (0 = never).
  virtual void repeat(MessageId message, MessageId copy, std::int64_t now_us, std::int64_t next_us,
                      Done<bool> done) = 0;
  virtual Result<std::vector<AccountId>> accounts() = 0;
  // Deletes some of them; how many.
  virtual void purge(Retention retention, Done<std::int64_t> done) = 0;
};

}  // namespace sallyport::messaging
