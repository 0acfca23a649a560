#include "server/upkeep.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

namespace sallyport::server {
namespace {

class UpkeepTest : public testing::Test {
 protected:
  UpkeepTest() {
    std::string pattern = testing::TempDir() + "upkeep-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    store_ = *storage::Store::create({directory_ + "/sallyport.db", Secret(std::string(32, 'k'))});
  }
  ~UpkeepTest() override {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }

  std::string directory_;
  std::unique_ptr<storage::Store> store_;
  ManualClock machine_;
  DurableClock clock_{machine_, 0};
  ImmediateReclaimer reclaimer_;
};

TEST_F(UpkeepTest, TheEndWritesUsageAndTheTime) {
  limit::Thresholds thresholds(clock_, *store_, reclaimer_);
  telemetry::Shard shard(1);
  Worker worker({.limits = {}, .max_connections = 1}, clock_, shard);
  Upkeep upkeep(*store_, clock_, thresholds);
  Upkeep::OfWorker& one = upkeep.attach(worker, std::chrono::milliseconds(500));
  one.usage.add({SubscriptionId{404}, clock_.unix_us(), "api", "op", limit::UsageClass::Other,
                 Reason::Ok, 1});
  machine_.advance_us(1'000'000);
  upkeep.stop();
  EXPECT_TRUE(one.usage.empty());
  EXPECT_EQ(*store_->high_water_us(), machine_.unix_us());
}

}  // namespace
}  // namespace sallyport::server
