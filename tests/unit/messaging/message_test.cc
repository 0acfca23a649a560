#include "messaging/message.h"

#include <gtest/gtest.h>

namespace sallyport::messaging {
namespace {

TEST(Message, StatesHaveTheirWords) {
  struct Case {
    DeliveryState state;
    const char* word;
    const char* client;
    bool final;
  };
  const Case cases[] = {
      {DeliveryState::Pending, "pending", "PENDING", false},
      {DeliveryState::Attempting, "attempting", "PENDING", false},
      {DeliveryState::Deferred, "deferred", "PENDING", false},
      {DeliveryState::Sent, "sent", "SENT", true},
      {DeliveryState::Delivered, "delivered", "DELIVRD", true},
      {DeliveryState::Read, "read", "READ", true},
      {DeliveryState::Failed, "failed", "FAILED", true},
      {DeliveryState::InDoubt, "in_doubt", "SENT", true},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(to_string(one.state), one.word);
    EXPECT_EQ(client_word(one.state), one.client) << one.word;
    EXPECT_EQ(is_final(one.state), one.final) << one.word;
  }
  EXPECT_EQ(to_string(ChannelKind::Email), "email");
  EXPECT_EQ(to_string(ChannelKind::Sms), "sms");
}

}  // namespace
}  // namespace sallyport::messaging
