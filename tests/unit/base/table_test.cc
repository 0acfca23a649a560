#include "base/table.h"

#include <gtest/gtest.h>

#include <thread>

namespace sallyport {
namespace {

struct Record {
  std::uint64_t key;
  int value;
  std::uint64_t hash() const { return key % 7; }  // many collisions on purpose
};

auto is(std::uint64_t key) {
  return [key](const Record& record) { return record.key == key; };
}

TEST(Table, FindsReplacesAndErases) {
  ImmediateReclaimer reclaimer;
  Table<Record> table(reclaimer);
  for (std::uint64_t key = 0; key < 500; ++key) {
    table.put(std::make_unique<const Record>(Record{key, 1}), is(key));
  }
  EXPECT_EQ(table.size(), 500U);
  table.put(std::make_unique<const Record>(Record{44, 2}), is(44));
  EXPECT_EQ(table.size(), 500U);
  EXPECT_EQ(table.find(44 % 7, is(44))->value, 2);
  EXPECT_TRUE(table.erase(43 % 7, is(43)));
  EXPECT_FALSE(table.erase(43 % 7, is(43)));
  EXPECT_EQ(table.find(43 % 7, is(43)), nullptr);
  for (std::uint64_t key = 44; key < 500; ++key) {
    EXPECT_NE(table.find(key % 7, is(key)), nullptr) << "behind a tombstone";
  }
  int seen = 0;
  table.for_each([&seen](const Record&) { ++seen; });
  EXPECT_EQ(seen, 499);
}

// Hashes that differ in their first bits alone all meet in one run of cells.
struct HighRecord {
  std::uint64_t key;
  std::uint64_t hash() const { return key << 48U; }
};

TEST(Table, TellsHashesApartThatMeetInOnePlace) {
  ImmediateReclaimer reclaimer;
  Table<HighRecord> table(reclaimer);
  const auto is = [](std::uint64_t key) {
    return [key](const HighRecord& record) { return record.key == key; };
  };
  for (std::uint64_t key = 0; key < 300; ++key) {
    table.put(std::make_unique<const HighRecord>(HighRecord{key}), is(key));
  }
  for (std::uint64_t key = 0; key < 300; ++key) {
    const HighRecord* found = table.find(key << 48U, is(key));
    ASSERT_NE(found, nullptr) << key;
    EXPECT_EQ(found->key, key);
    EXPECT_EQ(table.find((key << 48U) + 1, is(key)), nullptr) << "another hash";
  }
  for (std::uint64_t key = 0; key < 300; key += 2) EXPECT_TRUE(table.erase(key << 48U, is(key)));
  for (std::uint64_t key = 0; key < 300; ++key) {
    EXPECT_EQ(table.find(key << 48U, is(key)) != nullptr, key % 2 == 1) << key;
  }
}

TEST(Table, EndlessReplacingDoesNotFillItWithTombstones) {
  ImmediateReclaimer reclaimer;
  Table<Record> table(reclaimer);
  for (std::uint64_t key = 0; key < 10'000; ++key) {
    table.put(std::make_unique<const Record>(Record{key, 0}), is(key));
    EXPECT_TRUE(table.erase(key % 7, is(key)));
  }
  EXPECT_EQ(table.size(), 0U);
  EXPECT_EQ(table.find(3, is(3)), nullptr);
}

// What is retired is kept until the reader is gone, as the server's reclaimer does.
class LateReclaimer final : public Reclaimer {
 public:
  void retire(std::move_only_function<void()> destroy) override {
    kept_.push_back(std::move(destroy));
  }
  void free_all() {
    for (auto& destroy : kept_) destroy();
    kept_.clear();
  }

 private:
  std::vector<std::move_only_function<void()>> kept_;
};

TEST(Table, ReaderSeesOldOrNewNeverTorn) {
  LateReclaimer reclaimer;
  Table<Record> table(reclaimer);
  table.put(std::make_unique<const Record>(Record{5, 0}), is(5));
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    int last = 0;
    while (!stop) {
      const Record* record = table.find(5, is(5));
      ASSERT_NE(record, nullptr);
      ASSERT_GE(record->value, last);
      last = record->value;
    }
  });
  for (int i = 1; i <= 2000; ++i) {
    table.put(std::make_unique<const Record>(Record{5, i}), is(5));
    const auto extra = static_cast<std::uint64_t>(1000 + i);
    table.put(std::make_unique<const Record>(Record{extra, i}), is(extra));
  }
  stop = true;
  reader.join();
  reclaimer.free_all();
}

}  // namespace
}  // namespace sallyport
