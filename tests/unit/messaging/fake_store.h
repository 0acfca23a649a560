// A MessageStore in memory, with the store's rules: idempotency, states that move forward only, due
// in the order of time. One thread: callbacks come at once, or when the test releases them. It
// fails when told to.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "messaging/message_store.h"

namespace sallyport::messaging::test {

class FakeStore final : public MessageStore {
 public:
  void insert(Message message, Idempotency idempotency, SendGuard guard,
              Done<InsertOutcome> done) override;
  void update(std::vector<DeliveryUpdate> updates, Done<bool> done) override;
  Result<std::optional<Message>> find(AccountId account, WorkspaceId workspace, MessageId id,
                                      bool with_content) override;
  Result<std::vector<Message>> list(const ListQuery& query) override;
  Result<std::vector<Due>> due(std::int64_t now_us, std::int64_t limit,
                               const DueFilter& wanted) override;
  Result<std::optional<std::int64_t>> next_due_us() override;
  Result<std::optional<Message>> load(MessageId id) override;
  Result<std::int64_t> recover_attempts(std::int64_t now_us, InDoubtPolicies policies) override;
  void report(DeliveryUpdate update, Done<bool> done) override;
  Result<std::vector<RepetitionDue>> repetitions(std::int64_t now_us) override;
  Result<std::optional<std::int64_t>> next_repetition_us() override;
  void repeat(MessageId message, MessageId copy, std::int64_t now_us, std::int64_t next_us,
              Done<bool> done) override;
  Result<std::vector<AccountId>> accounts() override;
  void purge(Retention retention, Done<std::int64_t> done) override;

  // Callbacks wait until release(): as between a write and its commit.
  bool hold = false;
  void release();
  std::size_t held() const { return held_.size(); }

  int failing_writes = 0;  // so many of the next ones fail
  bool reads_fail = false;

  std::map<MessageId, Message> messages;
  std::vector<DeliveryUpdate> updates;  // all that were taken
  ListQuery last_list;
  SendGuard last_guard;
  InsertOutcome::Kind guarded = InsertOutcome::Kind::Stored;  // what a guard answers
  std::map<MessageId, RepetitionDue> repeating;
  std::vector<Retention> purged;
  std::int64_t largest_limit = 0;

 private:
  bool apply(const std::vector<DeliveryUpdate>& changes);
  template <class T>
  void finish(Done<T> done, Result<T> result);
  std::map<std::pair<std::string, std::string>, std::pair<Digest, MessageId>> idempotency_;
  std::deque<std::move_only_function<void()>> held_;
};

}  // namespace sallyport::messaging::test
