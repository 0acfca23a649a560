#include "storage/store.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "storage/audit_chain.h"
#include "storage/entity_load.h"
#include "storage/entity_put.h"
#include "storage/familiar_rows.h"
#include "storage/keeping_rows.h"
#include "storage/message_reads.h"
#include "storage/message_rows.h"
#include "storage/queue_rows.h"
#include "storage/quota_rows.h"
#include "storage/readers.h"
#include "storage/sms_incoming_rows.h"
#include "storage/sms_log.h"
#include "storage/store_operations.h"
#include "storage/usage_rows.h"

namespace sallyport::storage {
namespace {

using limit::QuotaMark;
using messaging::DeliveryUpdate;
using messaging::Done;
using messaging::Idempotency;
using messaging::InsertOutcome;
using messaging::Message;

constexpr std::size_t kUsesAtOnce = 2'000;  // in one transaction

auth::AuditVerdict broken_at(std::int64_t sequence, std::string problem) {
  auth::AuditVerdict verdict;
  verdict.first_bad = sequence;
  verdict.problem = std::move(problem);
  return verdict;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(StoreOptions options) {
  SALLYPORT_CHECK(!options.audit_key.empty());
  auto database = open_store_file(options.path, options.vfs);
  if (!database) return std::unexpected(database.error());
  auto store = std::make_unique<Store>(Passkey(), std::move(*database), std::move(options));
  if (auto compared = store->compare_revocations(); !compared) {
    return std::unexpected(compared.error());
  }
  return store;
}

Result<std::unique_ptr<Store>> Store::create(StoreOptions options) {
  SALLYPORT_CHECK(!options.audit_key.empty());
  auto created = create_store_file(options.path, options.audit_key);
  if (!created) return std::unexpected(created.error());
  return open(std::move(options));
}

StoreOptions store_options(const std::string& directory, Secret audit_key) {
  StoreOptions options{directory + "/sallyport.db", std::move(audit_key)};
  options.revocations = directory + "/revocations.log";
  options.heads = directory + "/audit.heads";
  return options;
}

Store::Store(Passkey, std::unique_ptr<Database> database, StoreOptions options)
    : audit_key_(std::move(options.audit_key)),
      writer_(std::make_unique<Writer>(std::move(database), options.limits)),
      readers_(std::make_unique<Readers>(options.path, options.vfs, *writer_)),
      sms_(std::make_unique<SmsLog>(*writer_, *readers_)) {
  if (!options.revocations.empty()) revocations_.emplace(options.revocations);
  if (!options.heads.empty()) heads_.emplace(options.heads);
}

// What was revoked while the store could not be written is revoked now, and what a crash kept from
// being noted is noted.
Result<void> Store::compare_revocations() {
  if (!revocations_) return {};
  if (auto read = revocations_->read(); !read) return read;
  const std::int64_t now_us = SystemClock().unix_us();
  auto done = writer_->run([&](Database& database) -> Result<void> {
    const auto ended = revocations_->end_in(database);
    if (!ended) return std::unexpected(ended.error());
    if (*ended == 0) return {};
    log::warn("revocations.log ends " + std::to_string(*ended) + " that were live in the store");
    return append_audit(database, audit_key_,
                        {now_us, "sallyport", "store.revocations", "store",
                         "{\"ended\":" + std::to_string(*ended) + "}"});
  });
  if (!done) return done;
  return read([&](Database& database) { return revocations_->note_all_of(database, now_us); });
}

Store::~Store() {
  readers_.reset();  // first, so that the last checkpoint finds nobody holding the log
  writer_->stop();
}

template <class Use>
auto Store::read(Use use) -> decltype(use(std::declval<Database&>())) {
  auto database = readers_->current();
  if (!database) return std::unexpected(database.error());
  return use(**database);
}

Result<Entities> Store::load() { return read(load_entities); }
Result<Entities> Store::load_few() { return read(storage::load_few); }

Result<void> Store::each_key(std::optional<SubscriptionId> of,
                             const std::function<void(const ApiKey&)>& take) {
  return read([&](Database& database) { return storage::each_key(database, of, take); });
}

Result<void> Store::each_user(const std::function<void(const User&)>& take) {
  return read([&](Database& database) { return storage::each_user(database, take); });
}

Result<std::optional<ApiKey>> Store::key(KeyId id) {
  return read([id](Database& database) { return load_key(database, id); });
}

Result<std::optional<User>> Store::user(UserId id) {
  return read([id](Database& database) { return load_user(database, id); });
}

Result<std::optional<UserId>> Store::find_user(AccountId account, const std::string& folded) {
  return read([&](Database& database) { return storage::find_user(database, account, folded); });
}

Result<std::optional<KeyId>> Store::find_key(const Digest& digest) {
  return read([&](Database& database) { return storage::find_key(database, digest); });
}

Result<void> Store::check(const Change& change) {
  return revocations_ ? revocations_->check(change) : Result<void>();
}

Result<void> Store::apply(const Change& change) {
  if (auto checked = check(change); !checked) return checked;
  auto done = writer_->run([&](Database& database) -> Result<void> {
    if (auto written = write_entities(database, change); !written) return written;
    return append_audit(database, audit_key_, change.audit);
  });
  // A key that is revoked while the store cannot be written is noted all the same: it is held in
  // memory, and the next start finds it here.
  if (revocations_ && (done || change.audit.action == "key.revoke")) {
    if (auto noted = revocations_->note(change, change.audit.time_us); !noted) {
      log::error("not noted, so a restored backup may bring it back until the next start: " +
                 noted.error().message);
    }
  }
  return done;
}

Result<void> Store::touch_keys(const std::vector<auth::KeyUse>& uses) {
  for (std::size_t begin = 0; begin < uses.size(); begin += kUsesAtOnce) {
    const auto some = std::span(uses).subspan(begin, std::min(kUsesAtOnce, uses.size() - begin));
    auto done =
        writer_->run([some](Database& database) { return storage::touch_keys(database, some); });
    if (!done) return done;
  }
  return {};
}

Result<std::vector<auth::AuditRow>> Store::audit_rows(std::int64_t limit) {
  return read([limit](Database& database) { return read_audit(database, limit); });
}

Result<auth::AuditVerdict> Store::verify_audit(const std::string& since) {
  std::map<std::int64_t, SignedHead> expected;
  if (heads_) {
    auto known = heads_->expected(audit_key_);
    if (!known && known.error().kind == ErrorKind::Invalid) {
      return broken_at(0, known.error().message);
    }
    if (!known) return std::unexpected(known.error());
    expected = std::move(*known);
  }
  if (!since.empty()) {
    const auto head = parse_signed_head(since, audit_key_);
    if (!head) {
      return fail(ErrorKind::Invalid,
                  "that head was not signed with this installation's audit key");
    }
    const auto known = expected.find(head->sequence);
    if (known != expected.end() && known->second.mac != head->mac) {
      return broken_at(head->sequence,
                       "row " + std::to_string(head->sequence) + " was signed twice, differently");
    }
    expected[head->sequence] = *head;
  }
  return read(
      [&](Database& database) { return verify_audit_chain(database, audit_key_, expected); });
}

Result<std::string> Store::sign_audit_head(std::int64_t now_us) {
  if (!heads_) return std::string();
  auto head = read([this](Database& database) { return audit_head(database, audit_key_); });
  // The thread may read nothing more for a minute: its transaction is not held until then.
  readers_->end_idle();
  readers_->end_idle();
  if (!head) return std::unexpected(head.error());
  head->time_us = now_us;
  return heads_->append(*head, audit_key_);
}

Result<std::vector<auth::SourceSeen>> Store::load_sources(std::int64_t since_us) {
  return read([since_us](Database& database) { return storage::load_sources(database, since_us); });
}

Result<void> Store::save_sources(const std::vector<auth::SourceSeen>& rows,
                                 std::int64_t forget_before_us) {
  return writer_->run(
      [&](Database& database) { return storage::save_sources(database, rows, forget_before_us); });
}

Result<std::vector<QuotaMark>> Store::load_quota_marks() { return read(load_marks); }

void Store::raise_quota_mark(QuotaMark mark, std::move_only_function<void(Result<void>)> done) {
  writer_->submit(Writer::Lane::Control,
                  std::make_unique<RaiseMark>(std::move(mark), std::move(done)));
}

Result<void> Store::settle_quota_marks(const std::vector<QuotaMark>& marks) {
  return writer_->run([&](Database& database) -> Result<void> {
    for (const auto& mark : marks) {
      if (auto done = settle_mark(database, mark); !done) return done;
    }
    return {};
  });
}

void Store::add_usage(std::vector<limit::UsageRow> rows,
                      std::move_only_function<void(Result<void>)> done) {
  writer_->submit(Writer::Lane::Control,
                  std::make_unique<AddUsage>(std::move(rows), std::move(done)));
}

Result<std::vector<limit::UsageRow>> Store::usage(const limit::UsageQuery& query) {
  return read([&](Database& database) { return read_usage(database, query); });
}

void Store::insert(Message message, Idempotency idempotency, messaging::SendGuard guard,
                   Done<InsertOutcome> done) {
  writer_->submit(Writer::Lane::Intake,
                  std::make_unique<InsertMessage>(std::move(message), std::move(idempotency), guard,
                                                  std::move(done)));
}

void Store::update(std::vector<DeliveryUpdate> updates, Done<bool> done) {
  writer_->submit(Writer::Lane::Control,
                  std::make_unique<UpdateDeliveries>(std::move(updates), std::move(done)));
}

Result<std::optional<Message>> Store::find(AccountId account, WorkspaceId workspace, MessageId id,
                                           bool with_content) {
  return read([&](Database& database) {
    return find_message(database, account, workspace, id, with_content);
  });
}

Result<std::vector<Message>> Store::list(const messaging::ListQuery& query) {
  return read([&](Database& database) { return list_messages(database, query); });
}

Result<std::vector<messaging::Due>> Store::due(std::int64_t now_us, std::int64_t limit,
                                               const messaging::DueFilter& wanted) {
  return read([&](Database& database) { return due_recipients(database, now_us, limit, wanted); });
}

Result<std::optional<std::int64_t>> Store::next_due_us() { return read(next_due); }

Result<std::optional<Message>> Store::load(MessageId id) {
  return read([&](Database& database) { return load_message(database, id); });
}

Result<std::int64_t> Store::compute(const std::function<Result<std::int64_t>(Database&)>& change,
                                    const Change* record) {
  std::int64_t count = 0;
  auto done = writer_->run([&](Database& database) -> Result<void> {
    auto value = change(database);
    if (!value) return std::unexpected(value.error());
    count = *value;
    if (record == nullptr) return {};
    if (auto written = write_entities(database, *record); !written) return written;
    return append_audit(database, audit_key_, record->audit);
  });
  if (!done) return std::unexpected(done.error());
  return count;
}

Result<std::int64_t> Store::recover_attempts(std::int64_t now_us,
                                             messaging::InDoubtPolicies policies) {
  return compute(
      [&](Database& database) { return storage::recover_attempts(database, now_us, policies); },
      nullptr);
}

void Store::report(DeliveryUpdate update, Done<bool> done) {
  writer_->submit(Writer::Lane::Control, std::make_unique<UpdateDeliveries>(
                                             std::vector{std::move(update)}, std::move(done)));
}

Result<std::vector<messaging::RepetitionDue>> Store::repetitions(std::int64_t now_us) {
  return read([now_us](Database& database) { return due_repetitions(database, now_us); });
}

Result<std::optional<std::int64_t>> Store::next_repetition_us() { return read(next_repetition); }

void Store::repeat(MessageId message, MessageId copy, std::int64_t now_us, std::int64_t next_us,
                   Done<bool> done) {
  writer_->submit(Writer::Lane::Control, std::make_unique<Computed<bool>>(
                                             [=](Database& database) {
                                               return repeat_message(database, message, copy,
                                                                     now_us, next_us);
                                             },
                                             std::move(done)));
}

Result<std::vector<AccountId>> Store::accounts() { return read(account_ids); }

void Store::purge(messaging::Retention retention, Done<std::int64_t> done) {
  writer_->submit(Writer::Lane::Control,
                  std::make_unique<Computed<std::int64_t>>(
                      [=](Database& database) { return purge_messages(database, retention); },
                      std::move(done)));
}

Result<std::vector<messaging::QueueCount>> Store::queue_counts() { return read(count_queue); }

Result<std::vector<messaging::QueueRow>> Store::queue_rows(const messaging::QueueFilter& filter) {
  return read([&](Database& database) { return list_queue(database, filter); });
}

Result<std::int64_t> Store::act(messaging::QueueAct act, const messaging::QueueFilter& filter,
                                std::optional<MessageId> copy, const Change& record) {
  return compute(
      [&](Database& database) {
        return act_on_queue(database, act, filter, copy, record.audit.time_us);
      },
      &record);
}

Result<std::optional<messaging::Story>> Store::story(MessageId id) {
  return read([id](Database& database) { return message_story(database, id); });
}

Result<std::vector<messaging::IncomingRow>> Store::incoming(const messaging::SmsFilter& filter) {
  return read([&](Database& database) { return list_incoming(database, filter); });
}

Result<std::vector<messaging::StopRow>> Store::stops(const messaging::SmsFilter& filter) {
  return read([&](Database& database) { return list_stops(database, filter); });
}

Result<std::vector<Message>> Store::messages_to(const std::string& address) {
  return read([&](Database& database) { return storage::messages_to(database, address); });
}

Result<std::int64_t> Store::erase_recipient(const std::string& address, const Change& record) {
  return compute(
      [&](Database& database) { return erase_address(database, address, record.audit.time_us); },
      &record);
}

Result<std::int64_t> Store::high_water_us() { return read(load_high_water); }

Result<void> Store::raise_high_water_us(std::int64_t time_us) {
  return writer_->run([&](Database& database) { return raise_high_water(database, time_us); });
}

void Store::raise_high_water_soon(std::int64_t time_us) {
  writer_->submit(Writer::Lane::Control, std::make_unique<RaiseHighWater>(time_us));
}

messaging::SmsStore& Store::sms() { return *sms_; }

void Store::end_idle_reads() { readers_->end_idle(); }

}  // namespace sallyport::storage
