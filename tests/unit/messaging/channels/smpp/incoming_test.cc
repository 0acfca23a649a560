#include "messaging/channels/smpp/incoming.h"

#include <gtest/gtest.h>

namespace sallyport::messaging::test {
namespace {

Delivered delivered(std::string content, std::uint8_t coding = 0) {
  Delivered one;
  one.source = {1, 1, "61400400400"};
  one.destination = {0, 0, "456"};
  one.data_coding = coding;
  one.content = std::move(content);
  return one;
}

TEST(SmppIncoming, TextsAndNumbers) {
  const auto sms = incoming_of("a", delivered("\x1B\x65 stop"), 5);
  ASSERT_TRUE(sms);
  EXPECT_EQ(sms->smsc, "a");
  EXPECT_EQ(sms->text, "\u20ac stop");
  EXPECT_EQ(sms->source, "+61400400400");
  EXPECT_EQ(sms->destination, "456");
  EXPECT_EQ(sms->total, 1);
  EXPECT_EQ(sms->time_us, 5);
  EXPECT_EQ(incoming_of("a", delivered("\x04\x1F", 8), 5)->text, "\u041f");
  EXPECT_EQ(incoming_of("a", delivered("\xE9t\xE9", 3), 5)->text, "\u00e9t\u00e9");
}

TEST(SmppIncoming, PartsByParameters) {
  Delivered part = delivered("part");
  part.sar_reference = 9;
  part.sar_total = 2;
  part.sar_number = 1;
  const auto sms = incoming_of("a", part, 5);
  ASSERT_TRUE(sms);
  EXPECT_EQ(sms->reference, 9);
  EXPECT_EQ(sms->total, 2);
  part.sar_number = 3;
  EXPECT_EQ(incoming_of("a", part, 5)->total, 1) << "a number that cannot be";
  part.has_header = true;
  part.content = "\x7Fpart";
  EXPECT_FALSE(incoming_of("a", part, 5));
}

TEST(SmppIncoming, Reports) {
  const Delivered one = delivered("id:00ab stat:UNDELIV err:011");
  const PartReport report = report_of("a", one, *read_receipt(one), 5);
  EXPECT_EQ(report.id, "ab");
  EXPECT_EQ(report.keys, (std::vector<std::string>{"ab", "171"}));
  EXPECT_EQ(report.numbers, (std::vector<std::string>{"+61400400400", "456"}));
  EXPECT_FALSE(report.delivered);
  EXPECT_EQ(report.error, 11);
}

}  // namespace
}  // namespace sallyport::messaging::test
