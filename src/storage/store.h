// The store of one data directory, on SQLite, behind the interfaces of auth, limit and messaging.
// One writer thread commits what is queued in groups; every reading thread has a connection of its
// own. Owned by the composition, which holds the StoreLock and outlives every thread that uses it.
// Calls that block say so and are for the control thread; the others for any. `done` is called on
// the writer's thread, or at once, when the queue is full (Exhausted) or the store closes
// (Unavailable). A store that cannot be written goes on answering reads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "auth/entity_store.h"
#include "auth/familiar_sources.h"
#include "base/result.h"
#include "base/secret.h"
#include "limit/quota_store.h"
#include "limit/usage.h"
#include "messaging/message_store.h"
#include "messaging/operator_store.h"
#include "messaging/sms_store.h"
#include "storage/audit_heads.h"
#include "storage/revocation_log.h"
#include "storage/store_file.h"  // StoreLock
#include "storage/writer.h"

namespace sallyport::storage {

class Readers;
class SmsLog;

struct StoreOptions {
  std::string path;  // DIR/sallyport.db
  Secret audit_key;  // 32 random bytes that stay the same for the store's life, kept outside it
  WriterLimits limits = {};
  std::string vfs = {};  // a registered SQLite VFS, for tests
  // DIR/revocations.log and DIR/audit.heads; without them, nothing of the kind is kept.
  std::string revocations = {};
  std::string heads = {};
};
StoreOptions store_options(const std::string& directory, Secret audit_key);

class Store final : public auth::EntityStore,
                    public auth::FamiliarStore,
                    public limit::QuotaStore,
                    public limit::UsageStore,
                    public messaging::MessageStore,
                    public messaging::OperatorStore {
 public:
  class Passkey {
    friend class Store;
    Passkey() = default;
  };
  // Refused with the reason: no file, not writable, open to group or world, not a store, newer.
  static Result<std::unique_ptr<Store>> open(StoreOptions options);
  // Makes the file (0600) and opens it. Conflict when there is one.
  static Result<std::unique_ptr<Store>> create(StoreOptions options);
  Store(Passkey, std::unique_ptr<Database> database, StoreOptions options);  // by open()
  ~Store() override;  // commits what is queued

  // auth::EntityStore. apply() blocks until the change is durable.
  Result<Entities> load() override;
  Result<Entities> load_few() override;
  Result<void> each_key(std::optional<SubscriptionId> of, const KeyTaker& take) override;
  Result<void> each_user(const UserTaker& take) override;
  Result<std::optional<ApiKey>> key(KeyId id) override;
  Result<std::optional<User>> user(UserId id) override;
  Result<std::optional<KeyId>> find_key(const Digest& digest) override;
  Result<std::optional<UserId>> find_user(AccountId account, const std::string& folded) override;
  Result<void> apply(const Change& change) override;
  Result<void> touch_keys(const std::vector<auth::KeyUse>& uses) override;
  Result<void> check(const Change& change) override;
  Result<std::vector<auth::AuditRow>> audit_rows(std::int64_t limit) override;
  Result<auth::AuditVerdict> verify_audit(const std::string& since) override;
  Result<std::string> sign_audit_head(std::int64_t now_us) override;
  // auth::FamiliarStore
  Result<std::vector<auth::SourceSeen>> load_sources(std::int64_t since_us) override;
  Result<void> save_sources(const std::vector<auth::SourceSeen>& rows,
                            std::int64_t forget_before_us) override;
  // limit::QuotaStore
  Result<std::vector<limit::QuotaMark>> load_quota_marks() override;
  void raise_quota_mark(limit::QuotaMark mark,
                        std::move_only_function<void(Result<void>)> done) override;
  Result<void> settle_quota_marks(const std::vector<limit::QuotaMark>& marks) override;
  // limit::UsageStore
  void add_usage(std::vector<limit::UsageRow> rows,
                 std::move_only_function<void(Result<void>)> done) override;
  Result<std::vector<limit::UsageRow>> usage(const limit::UsageQuery& query) override;
  // messaging::MessageStore. update()'s value is false when a state or an absent recipient forbade
  // one of the updates; the others were made.
  void insert(messaging::Message message, messaging::Idempotency idempotency,
              messaging::SendGuard guard, messaging::Done<messaging::InsertOutcome> done) override;
  void update(std::vector<messaging::DeliveryUpdate> updates, messaging::Done<bool> done) override;
  Result<std::optional<messaging::Message>> find(AccountId account, WorkspaceId workspace,
                                                 MessageId id, bool with_content) override;
  Result<std::vector<messaging::Message>> list(const messaging::ListQuery& query) override;
  Result<std::vector<messaging::Due>> due(std::int64_t now_us, std::int64_t limit,
                                          const messaging::DueFilter& wanted) override;
  Result<std::optional<std::int64_t>> next_due_us() override;
  Result<std::optional<messaging::Message>> load(MessageId id) override;
  Result<std::int64_t> recover_attempts(std::int64_t now_us,
                                        messaging::InDoubtPolicies policies) override;  // blocks
  void report(messaging::DeliveryUpdate update, messaging::Done<bool> done) override;
  Result<std::vector<messaging::RepetitionDue>> repetitions(std::int64_t now_us) override;
  Result<std::optional<std::int64_t>> next_repetition_us() override;
  void repeat(MessageId message, MessageId copy, std::int64_t now_us, std::int64_t next_us,
              messaging::Done<bool> done) override;
  Result<std::vector<AccountId>> accounts() override;
  void purge(messaging::Retention retention, messaging::Done<std::int64_t> done) override;
  // messaging::OperatorStore. act() and erase_recipient() block until the change is durable.
  Result<std::vector<messaging::QueueCount>> queue_counts() override;
  Result<std::vector<messaging::QueueRow>> queue_rows(
      const messaging::QueueFilter& filter) override;
  Result<std::int64_t> act(messaging::QueueAct act, const messaging::QueueFilter& filter,
                           std::optional<MessageId> copy, const Change& record) override;
  Result<std::optional<messaging::Story>> story(MessageId id) override;
  Result<std::vector<messaging::IncomingRow>> incoming(const messaging::SmsFilter& filter) override;
  Result<std::vector<messaging::StopRow>> stops(const messaging::SmsFilter& filter) override;
  Result<std::vector<messaging::Message>> messages_to(const std::string& address) override;
  Result<std::int64_t> erase_recipient(const std::string& address, const Change& record) override;
  messaging::SmsStore& sms();
  // The latest time that was ever relied on. Raising it blocks until durable; it never goes back.
  Result<std::int64_t> high_water_us();
  Result<void> raise_high_water_us(std::int64_t time_us);
  void raise_high_water_soon(std::int64_t time_us);  // does not wait
  // From a reading thread's tick, about once a second: lets go of an unused read transaction.
  void end_idle_reads() override;
  bool writable() const { return writer_->writable(); }  // the last commit succeeded
  std::size_t queued() const { return writer_->queued(); }

 private:
  template <class Use>
  auto read(Use use) -> decltype(use(std::declval<Database&>()));
  // In a transaction of the writer, with the record of who wanted it; blocks.
  Result<std::int64_t> compute(const std::function<Result<std::int64_t>(Database&)>& change,
                               const Change* record);
  Result<void> compare_revocations();
  const Secret audit_key_;
  std::optional<RevocationLog> revocations_;
  std::optional<AuditHeads> heads_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Readers> readers_;
  std::unique_ptr<SmsLog> sms_;
};

}  // namespace sallyport::storage
