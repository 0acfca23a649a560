#include "http/response.h"

#include <gtest/gtest.h>

namespace sallyport::http {
namespace {

TEST(Head, IsInWireForm) {
  Head head(202);
  head.add("Content-Type", "text/plain");
  head.add("Location", "https://x/y");
  EXPECT_EQ(head.wire(), "Content-Type: text/plain\r\nLocation: https://x/y\r\n");
  EXPECT_TRUE(head.has("content-TYPE"));
  EXPECT_FALSE(head.has("Content"));
  EXPECT_FALSE(head.has("text/plain"));
}

TEST(Head, NoValueCanEndAField) {
  Head head;
  EXPECT_DEATH(head.add("X", "a\r\nSet-Cookie: b"), "broken invariant");
}

TEST(ReasonPhrase, KnowsWhatWeSend) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason_phrase(206), "Partial Content");
  EXPECT_EQ(reason_phrase(302), "Found");
  EXPECT_EQ(reason_phrase(299), "Status");
}

}  // namespace
}  // namespace sallyport::http
