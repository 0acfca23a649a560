#include "admin/wire.h"

#include <gtest/gtest.h>

namespace sallyport::admin {
namespace {

TEST(Wire, ARequestComesBackAsItWas) {
  const CommandRequest request{{"user", "add", "j\"\n\xc3\xa4"},
                               {{"role", {"a", "b"}}, {"generate", {""}}},
                               {{"password", "p\\\t\"x"}},
                               "uid 0"};
  const std::string line = request_line(request);
  EXPECT_EQ(line.find('\n'), line.size() - 1) << "one line";
  const auto back = parse_request(line);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->words, request.words);
  EXPECT_EQ(back->options, request.options);
  EXPECT_EQ(back->secrets, request.secrets);
  EXPECT_EQ(back->actor, "") << "said by the kernel, never by the peer";
  EXPECT_EQ(line.find("uid 0"), std::string::npos);
}

TEST(Wire, AReplyComesBackAsItWas) {
  const CommandReply reply{1, "a\nb\n", "{\"x\":1}", "why \"not\""};
  const std::string line = reply_line(reply);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  const auto back = parse_reply(line);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->exit_code, 1);
  EXPECT_EQ(back->text, reply.text);
  EXPECT_EQ(back->json, reply.json);
  EXPECT_EQ(back->error, reply.error);
}

TEST(Wire, WhatIsNotARequestIsAnError) {
  for (const char* bad : {"", "x", "[]", "{}", "{\"words\":1,\"options\":{},\"secrets\":{}}",
                          "{\"words\":[1],\"options\":{},\"secrets\":{}}",
                          "{\"words\":[],\"options\":{\"a\":1},\"secrets\":{}}",
                          "{\"words\":[],\"options\":{},\"secrets\":{\"a\":[]}}",
                          "{\"words\":[],\"options\":{},\"secrets\":{}} x"}) {
    EXPECT_FALSE(parse_request(bad)) << bad;
  }
  EXPECT_FALSE(parse_request(std::string(100'000, '['))) << "depth";
  for (const char* bad : {"", "{}", "{\"exit_code\":\"0\"}"}) EXPECT_FALSE(parse_reply(bad)) << bad;
}

}  // namespace
}  // namespace sallyport::admin
