#include "messaging/channels/smtp_reply.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::messaging {
namespace {

using State = SmtpReplyReader::State;

TEST(SmtpReply, ReadsOneReplyAndLeavesTheRest) {
  struct Case {
    const char* what;
    std::string bytes;
    int code;
    std::string text;
    std::string rest;
  };
  const Case cases[] = {
      {"one line", "250 ok\r\n", 250, "ok", ""},
      {"without a text", "250\r\n", 250, "", ""},
      {"a blank text", "250 \r\n", 250, "", ""},
      {"several lines", "250-a\r\n250-b\r\n250 c\r\n", 250, "a b c", ""},
      {"bare line feeds", "220-a\n220 b\n", 220, "a b", ""},
      {"what comes behind stays", "354 go\r\n250 more\r\n", 354, "go", "250 more\r\n"},
      {"what is not printable", "550 a\x01\xFF\r\n", 550, "a??", ""},
  };
  for (const Case& one : cases) {
    SmtpReplyReader reader;
    std::string bytes = one.bytes;
    ASSERT_EQ(reader.feed(bytes), State::Done) << one.what;
    const SmtpReply reply = reader.take();
    EXPECT_EQ(reply.code, one.code) << one.what;
    EXPECT_EQ(reply.text(), one.text) << one.what;
    EXPECT_EQ(bytes, one.rest) << one.what;
  }
}

TEST(SmtpReply, ComesInDrops) {
  SmtpReplyReader reader;
  std::string buffer;
  for (const char c : std::string("250-a\r\n250 b\r")) {
    buffer += c;
    ASSERT_EQ(reader.feed(buffer), State::More);
  }
  buffer += '\n';
  EXPECT_EQ(reader.feed(buffer), State::Done);
}

TEST(SmtpReply, BreaksOnWhatIsNone) {
  std::string many;
  for (int i = 0; i < 200; ++i) many += "250-x\r\n";
  const std::string cases[] = {
      "250-a\r\n251 b\r\n",
      "ok\r\n",
      "25\r\n",
      "2500 x\r\n",
      "150 x\r\n",
      "650 x\r\n",
      "25x y\r\n",
      "\r\n",
      "250_x\r\n",
      "250 " + std::string(3000, 'x') + "\r\n",
      std::string(3000, 'x'),
      many,
  };
  for (std::string bytes : cases) {
    SmtpReplyReader reader;
    EXPECT_EQ(reader.feed(bytes), State::Broken) << bytes.substr(0, 20);
  }
}

TEST(SmtpReply, TheTextIsBounded) {
  SmtpReplyReader reader;
  std::string bytes = "550-" + std::string(150, 'a') + "\r\n550 " + std::string(150, 'b') + "\r\n";
  ASSERT_EQ(reader.feed(bytes), State::Done);
  EXPECT_EQ(reader.take().text().size(), kMaxReplyText);
}

}  // namespace
}  // namespace sallyport::messaging
