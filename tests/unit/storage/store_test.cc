#include "storage/store.h"

#include <sqlite3.h>

#include <atomic>
#include <semaphore>
#include <thread>

#include "support/faulty_vfs.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

using messaging::DeliveryState;
using messaging::Idempotency;
using messaging::InsertOutcome;

// Waits for what `done` is told.
template <class T>
class Told {
 public:
  std::move_only_function<void(Result<T>)> done() {
    return [this](Result<T> result) {
      result_ = std::move(result);
      ended_.release();
    };
  }
  Result<T> wait() {
    ended_.acquire();
    return std::move(*result_);
  }

 private:
  std::optional<Result<T>> result_;
  std::binary_semaphore ended_{0};
};

Result<InsertOutcome> insert(Store& store, messaging::Message message,
                             Idempotency idempotency = {}) {
  Told<InsertOutcome> told;
  store.insert(std::move(message), std::move(idempotency), {}, told.done());
  return told.wait();
}

TEST(Store, KeepsEverythingOverAReopening) {
  const Directory directory;
  {
    auto store = make_store(directory);
    ASSERT_TRUE(store);
    ASSERT_EQ(insert(*store, sample_message(1)).value().kind, InsertOutcome::Kind::Stored);
    Told<void> raised;
    store->raise_quota_mark({.subscription = kSubscription, .scope = "", .mark = 9}, raised.done());
    ASSERT_TRUE(raised.wait());
    ASSERT_TRUE(store->raise_high_water_us(77));
  }
  auto store = Store::open(options_for(directory));
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ((*store)->load().value().users.size(), 1U);
  EXPECT_TRUE((*store)->find(kAccount, kWorkspace, message_id(1), true).value());
  EXPECT_EQ((*store)->load_quota_marks().value().at(0).mark, 9U);
  EXPECT_EQ((*store)->high_water_us().value(), 77);
  EXPECT_TRUE((*store)->verify_audit("").value().intact);
}

TEST(Store, OpenDoesNotMakeAFile) {
  const Directory directory;
  auto store = Store::open(options_for(directory));
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::NotFound);
}

TEST(Store, CreateRefusesAFileThatIsThere) {
  const Directory directory;
  make_store(directory);
  auto again = Store::create(options_for(directory));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::Conflict);
}

TEST(Store, AChangeIsAllOrNothingWithItsEventsAndAuditRow) {
  const Directory directory;
  auto store = make_store(directory);
  ASSERT_TRUE(store);
  Change change;
  change.put = {Entity(Account{.id = AccountId{50}, .name = "three"}),
                Entity(Account{.id = AccountId{51}, .name = "one"})};
  change.audit = {.action = "account.create"};
  auto done = store->apply(change);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(store->load().value().accounts.size(), 2U);
  EXPECT_EQ(store->audit_rows(10).value().size(), 1U) << "the small world's own";
}

TEST(Store, AChangeIsSeenAsSoonAsItIsAcknowledged) {
  const Directory directory;
  auto store = make_store(directory);
  ASSERT_TRUE(store);
  for (std::uint64_t i = 100; i < 110; ++i) {
    Change change;
    change.put = {Entity(Account{.id = AccountId{i}, .name = std::to_string(i)})};
    ASSERT_TRUE(store->apply(change));
    EXPECT_EQ(store->load().value().accounts.size(), i - 100 + 3);
  }
  EXPECT_EQ(store->verify_audit("").value().rows, 11);
}

TEST(Store, TwoPostsOfOneKeyInTheSameBatchStoreOneMessage) {
  const Directory directory;
  auto store = make_store(directory);
  ASSERT_TRUE(store);
  const Idempotency key{.key = "k", .scope = "s", .body_hash = {}, .expires_us = 90'000};
  Told<InsertOutcome> first;
  Told<InsertOutcome> second;
  store->insert(sample_message(1), key, {}, first.done());
  store->insert(sample_message(2), key, {}, second.done());
  EXPECT_EQ(first.wait().value().kind, InsertOutcome::Kind::Stored);
  auto replay = second.wait();
  EXPECT_EQ(replay.value().kind, InsertOutcome::Kind::Replayed);
  EXPECT_EQ(replay.value().id, message_id(1));
}

TEST(Store, AMessageGoesItsWay) {
  const Directory directory;
  auto store = make_store(directory);
  ASSERT_TRUE(store);
  ASSERT_TRUE(insert(*store, sample_message(1)));
  EXPECT_EQ(store->next_due_us().value(), 1000);
  auto due = store->due(2000, 10, {});
  ASSERT_TRUE(due);
  ASSERT_EQ(due->size(), 1U);
  auto move = [&](DeliveryState state) {
    Told<bool> told;
    store->update({{.message = due->at(0).message,
                    .recipient = due->at(0).recipient,
                    .state = state,
                    .attempts = 1,
                    .time_us = 3000}},
                  told.done());
    return told.wait();
  };
  EXPECT_TRUE(move(DeliveryState::Attempting).value());
  EXPECT_TRUE(store->due(2000, 10, {}).value().empty());
  EXPECT_EQ(store->recover_attempts(4000, {}).value(), 1);
  EXPECT_EQ(store->next_due_us().value(), 4000);
  EXPECT_TRUE(move(DeliveryState::Attempting).value());
  EXPECT_TRUE(move(DeliveryState::Sent).value());
  EXPECT_FALSE(move(DeliveryState::Deferred).value()) << "forward only";
  auto message = store->load(message_id(1));
  ASSERT_TRUE(message && *message);
  EXPECT_EQ((*message)->recipients[0].state, DeliveryState::Sent);
  EXPECT_EQ((*message)->recipients[0].sent_us, 3000);
  EXPECT_FALSE(store->next_due_us().value());
  EXPECT_EQ(store->list({.account = kAccount, .workspace = kWorkspace}).value().size(), 1U);
}

TEST(Store, QuotaMarksAreSettledAtTheEnd) {
  const Directory directory;
  auto store = make_store(directory);
  ASSERT_TRUE(store);
  limit::QuotaMark mark{.subscription = kSubscription, .scope = "", .mark = 100};
  Told<void> raised;
  store->raise_quota_mark(mark, raised.done());
  ASSERT_TRUE(raised.wait());
  mark.mark = 61;
  ASSERT_TRUE(store->settle_quota_marks({mark}));
  EXPECT_EQ(store->load_quota_marks().value().at(0).mark, 61U);
}

TEST(Store, AStoreThatCannotBeWrittenSaysSoAndGoesOnReading) {
  const Directory directory;
  test::FaultyVfs vfs;
  auto store = make_store(directory, vfs.name());
  ASSERT_TRUE(store);
  ASSERT_TRUE(insert(*store, sample_message(1)));
  vfs.fail_writes(SQLITE_FULL);
  auto refused = insert(*store, sample_message(2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::Exhausted);
  EXPECT_FALSE(store->writable());
  EXPECT_FALSE(store->apply(Change{}));
  EXPECT_TRUE(store->find(kAccount, kWorkspace, message_id(1), true).value());
  EXPECT_FALSE(store->find(kAccount, kWorkspace, message_id(2), true).value());
  vfs.heal();
  EXPECT_TRUE(insert(*store, sample_message(2)));
  EXPECT_TRUE(store->writable());
  EXPECT_TRUE(store->verify_audit("").value().intact);
  store.reset();
}

TEST(Store, ASyncStandsBeforeEveryAcknowledgement) {
  const Directory directory;
  test::FaultyVfs vfs;
  auto store = make_store(directory, vfs.name());
  ASSERT_TRUE(store);
  for (std::uint64_t i = 1; i <= 5; ++i) {
    const int before = vfs.syncs();
    ASSERT_TRUE(insert(*store, sample_message(i)));
    EXPECT_GT(vfs.syncs(), before);
  }
  vfs.fail_syncs(SQLITE_IOERR_FSYNC);
  EXPECT_FALSE(insert(*store, sample_message(6)));
  vfs.heal();
  store.reset();
}

TEST(Store, ManyThreadsPostAndReadTheirOwn) {
  const Directory directory;
  auto store = make_store(directory);
  ASSERT_TRUE(store);
  constexpr std::uint64_t kEach = 100;
  std::atomic<int> found = 0;
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint64_t i = 1; i <= kEach; ++i) {
          const std::uint64_t low = t * kEach + i;
          if (!insert(*store, sample_message(low))) continue;
          auto message = store->find(kAccount, kWorkspace, message_id(low), false);
          if (message && *message) ++found;
          if (i % 10 == 0) store->end_idle_reads();
        }
      });
    }
  }
  EXPECT_EQ(found, 400);
  EXPECT_EQ(store->queued(), 0U);
}

}  // namespace
}  // namespace sallyport::storage
