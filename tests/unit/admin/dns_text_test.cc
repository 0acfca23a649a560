#include "admin/dns_text.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::admin {
namespace {

// RFC 1035 4.1: a header, one question for x.example, and answers.
std::vector<unsigned char> answer(const std::vector<std::string>& records) {
  std::string bytes("\x12\x34\x81\x80\x00\x01", 6);
  bytes += std::string{'\0', static_cast<char>(records.size())} + std::string(4, '\0');
  bytes += std::string(
      "\x01x\x07"
      "example\x00\x00\x10\x00\x01",
      15);
  for (const std::string& data : records) {
    bytes += std::string("\xC0\x0C\x00\x10\x00\x01\x00\x00\x00\x3C", 10);
    bytes += std::string{'\0', static_cast<char>(data.size())} + data;
  }
  return {bytes.begin(), bytes.end()};
}

TEST(DnsText, JoinsTheStringsOfARecord) {
  EXPECT_EQ(texts_of_answer(answer({std::string("\x03"
                                                "abc\x02"
                                                "de"),
                                    std::string("\x01"
                                                "z")})),
            (std::vector<std::string>{"abcde", "z"}));
  EXPECT_TRUE(texts_of_answer(answer({})).empty());
}

TEST(DnsText, BrokenAnswersSayNothing) {
  EXPECT_TRUE(texts_of_answer({}).empty());
  EXPECT_TRUE(texts_of_answer({1, 2, 3}).empty());
  // A length that goes beyond the record is cut there.
  EXPECT_EQ(texts_of_answer(answer({std::string("\x7F"
                                                "ab")})),
            std::vector<std::string>{"ab"});
}

}  // namespace
}  // namespace sallyport::admin
