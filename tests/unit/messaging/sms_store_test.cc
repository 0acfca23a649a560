#include "messaging/sms_store.h"

#include <gtest/gtest.h>

namespace sallyport::messaging {
namespace {

TEST(SmsWords, StandAlone) {
  using Word = IncomingSms::Word;
  const std::pair<const char*, Word> cases[] = {
      {"STOP", Word::Stop},    {" stop.\r\n", Word::Stop},
      {"Stop!", Word::Stop},   {"STOP ALL", Word::Stop},
      {"opt-out", Word::Stop}, {"Unsubscribe", Word::Stop},
      {"START", Word::Start},  {"\"start\"", Word::Start},
      {"unstop", Word::Start}, {"stop by at five", Word::None},
      {"", Word::None},        {"...", Word::None},
      {"yes", Word::None},     {"stopstopstopstopstop", Word::None}};
  for (const auto& [text, word] : cases) EXPECT_EQ(word_of(text), word) << text;
}

}  // namespace
}  // namespace sallyport::messaging
