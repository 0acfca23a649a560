#include "messaging/channels/smpp/pdu.h"

#include <gtest/gtest.h>

namespace sallyport::messaging {
namespace {

using namespace std::string_literals;

// The mandatory fields of a deliver_sm, up to sm_length.
std::string deliver_fields(char esm_class, char data_coding, std::string_view content) {
  std::string body = "\0"s + "\x01\x01"s + "61400400400\0"s + "\x05\x00"s + "Ferry\0"s;
  body += esm_class;
  body += "\0\0\0\0\0\0"s;
  body += data_coding;
  body += '\0';
  body += static_cast<char>(content.size());
  body += content;
  return body;
}

TEST(TakePdu, WaitsForTheWholeAndLeavesTheRest) {
  const std::string one = encoded({SmppCommand::EnquireLink, 0, 7, {}});
  EXPECT_EQ(one, "\0\0\0\x10\0\0\0\x15\0\0\0\0\0\0\0\x07"s);
  std::string bytes;
  for (const char c : one) {
    auto pdu = take_pdu(bytes);
    ASSERT_TRUE(pdu.has_value());
    EXPECT_FALSE(pdu->has_value());
    bytes += c;
  }
  bytes += "rest";
  auto pdu = take_pdu(bytes);
  ASSERT_TRUE(pdu && *pdu);
  EXPECT_EQ((*pdu)->command, SmppCommand::EnquireLink);
  EXPECT_EQ((*pdu)->sequence, 7U);
  EXPECT_EQ(bytes, "rest");
}

TEST(TakePdu, BoundsTheLengthBeforeItReadsOn) {
  for (const std::string& length : {"\0\0\0\x0F"s, "\x7F\xFF\xFF\xFF"s, "\0\x01\x11\x71"s}) {
    std::string bytes = length;
    EXPECT_FALSE(take_pdu(bytes).has_value());
  }
}

TEST(BindBody, HasItsFields) {
  EXPECT_EQ(bind_body({"sally", "secret", "SMPP"}), "sally\0secret\0SMPP\0\x34\0\0\0"s);
  const auto long_one = bind_body({"sally", "123456789", ""});
  ASSERT_FALSE(long_one);
  EXPECT_EQ(long_one.error().message.find("123456789"), std::string::npos) << "never the secret";
}

TEST(SubmitBody, HasItsFields) {
  SubmitRequest submit;
  submit.source = {5, 0, "Ferry"};
  submit.destination = {1, 1, "61400400400"};
  submit.short_message = "hi";
  EXPECT_EQ(submit_body(submit),
            "\0\x05\0Ferry\0\x01\x01"s + "61400400400\0\0\0\0\0\0\x01\0\0\0\x02hi"s);
  submit.short_message.assign(255, 'x');
  EXPECT_FALSE(submit_body(submit));
  submit.short_message = "hi";
  submit.destination.digits = "1\0002"s;
  EXPECT_FALSE(submit_body(submit)) << "a NUL would end the field";
}

TEST(ReadDeliver, ReadsAMessage) {
  const auto read = read_deliver(deliver_fields(0x40, 8, "content"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->source.digits, "61400400400");
  EXPECT_EQ(read->destination.digits, "Ferry");
  EXPECT_TRUE(read->has_header);
  EXPECT_FALSE(read->is_receipt);
  EXPECT_EQ(read->data_coding, 8);
  EXPECT_EQ(read->content, "content");
}

TEST(ReadDeliver, ReadsParameters) {
  const auto read =
      read_deliver(deliver_fields(4, 0, "") + "\x04\x24\0\x05hello"s + "\0\x1E\0\x04"s + "ab1\0"s +
                   "\x04\x27\0\x01\x02"s + "\x99\x99\0\0"s);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->is_receipt);
  EXPECT_EQ(read->content, "hello");
  EXPECT_EQ(read->receipted_id, "ab1");
  EXPECT_EQ(read->state, 2);
}

TEST(ReadDeliver, RefusesEveryTruncation) {
  const std::string whole = deliver_fields(0, 0, "content");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read_deliver(whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(read_deliver(whole + "\x04\x24\0\x05hell"s)) << "a parameter that ends early";
  EXPECT_FALSE(read_deliver(whole + "\x04"s));
  EXPECT_FALSE(read_deliver("\0\x01\x01"s + std::string(30, '1') + whole)) << "address too long";
}

TEST(SubmitResponse, HasAnIdOrNone) {
  EXPECT_EQ(submit_response_id("abc\0"s), "abc");
  EXPECT_EQ(submit_response_id(""), "");
  EXPECT_FALSE(submit_response_id("abc"));
  EXPECT_FALSE(submit_response_id(std::string(65, 'a') + "\0"s));
}

TEST(StatusText, NamesEveryNumber) {
  EXPECT_EQ(smpp_status_text(kSmppThrottled), "throttled");
  EXPECT_EQ(smpp_status_text(0x400), "status 0x00000400");
}

}  // namespace
}  // namespace sallyport::messaging
