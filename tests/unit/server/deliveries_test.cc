#include "server/deliveries.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "unit/messaging/engine_fixture.h"
#include "unit/messaging/fake_sms_store.h"
#include "unit/messaging/fake_store.h"

namespace sallyport::server {
namespace {

class DeliveriesTest : public testing::Test {
 protected:
  DeliveriesTest() { config_.file_channel.directory = testing::TempDir() + "deliveries-outbox"; }
  ~DeliveriesTest() override { std::filesystem::remove_all(config_.file_channel.directory); }

  config::Config config_;
  SystemClock clock_;
  messaging::test::FakeStore store_;
  messaging::test::FakeSmsStore sms_store_;
  ImmediateReclaimer reclaimer_;
  messaging::SenderTable senders_{reclaimer_};
};

TEST_F(DeliveriesTest, StartsAndStops) {
  config_.bounces.domain = "bounces.example.com";
  Deliveries deliveries(config_, store_, sms_store_, senders_, clock_);
  ASSERT_TRUE(deliveries.build(Secret(std::string(32, 'k'))));
  deliveries.start();
  deliveries.wake();
  deliveries.stop();
  EXPECT_EQ(deliveries.bounce_port(), 0) << "no listener was asked for";
  EXPECT_EQ(deliveries.counters().active, 0);
}

TEST_F(DeliveriesTest, APasswordFileThatIsMissingIsRefused) {
  config_.smtp_channel.host = "relay.example.com";
  config_.smtp_channel.username = "user";
  config_.smtp_channel.password_file = "/nowhere/at/all";
  Deliveries deliveries(config_, store_, sms_store_, senders_, clock_);
  const auto built = deliveries.build(Secret(std::string(32, 'k')));
  ASSERT_FALSE(built);
  EXPECT_NE(built.error().message.find("/nowhere/at/all"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::server
