#include "messaging/channels/simulator.h"

#include <gtest/gtest.h>

#include <optional>

#include "support/manual_loop.h"

namespace sallyport::messaging::test {
namespace {

using Kind = RecipientResult::Kind;

Task<void> drive(Channel* channel, Attempt attempt, std::optional<Delivery>* out) {
  Delivery delivery = co_await channel->deliver(std::move(attempt));
  out->emplace(std::move(delivery));
}

class SimulatorTest : public testing::Test {
 protected:
  std::optional<Delivery> deliver(const std::string& to, std::int32_t attempts = 1) {
    Message message;
    Recipient& one = message.recipients.emplace_back();
    one.index = 1;
    one.destination = to;
    one.channel = to.starts_with('+') ? ChannelKind::Sms : ChannelKind::Email;
    one.attempts = attempts;
    std::optional<Delivery> out;
    task_ = drive(&channel_, {message, {1}}, &out);
    task_.start();
    if (!out) {
      slow = true;
      loop_.advance_us(10'000'000);
    }
    return out;
  }
  ManualClock clock_;
  sallyport::test::ManualLoop loop_{clock_};
  SimulatorChannel channel_{nullptr, loop_, clock_};
  Task<void> task_;
  bool slow = false;
};

TEST_F(SimulatorTest, TheRecipientSaysWhatComesOfIt) {
  struct Case {
    const char* to;
    std::int32_t attempts;
    Kind kind;
  };
  const Case cases[] = {
      {"delivered@example.com", 1, Kind::Delivered},
      {"ann@example.com", 1, Kind::Delivered},
      {"failed@example.com", 1, Kind::Failed},
      {"Failed+tag@anything.example", 1, Kind::Failed},
      {"failedx@example.com", 1, Kind::Delivered},
      {"deferred@example.com", 9, Kind::Deferred},
      {"busy@example.com", 1, Kind::Deferred},
      {"busy@example.com", 2, Kind::Delivered},
      {"indoubt@example.com", 1, Kind::InDoubt},
      {"+61400000001", 1, Kind::Failed},
      {"+61400000002", 1, Kind::Deferred},
      {"+61400000005", 1, Kind::InDoubt},
      {"+61400400400", 1, Kind::Delivered},
  };
  for (const Case& one : cases) {
    const auto delivery = deliver(one.to, one.attempts);
    ASSERT_TRUE(delivery);
    ASSERT_EQ(delivery->results.size(), 1U);
    EXPECT_EQ(delivery->results[0].kind, one.kind) << one.to;
    EXPECT_EQ(delivery->results[0].via, "simulator");
  }
  EXPECT_FALSE(slow);
}

TEST_F(SimulatorTest, SlowTakesItsTime) {
  const auto delivery = deliver("slow@example.com");
  ASSERT_TRUE(delivery);
  EXPECT_TRUE(slow);
  EXPECT_EQ(delivery->results[0].kind, Kind::Delivered);
}

}  // namespace
}  // namespace sallyport::messaging::test
