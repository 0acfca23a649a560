#include "http/chunked.h"

#include <gtest/gtest.h>

namespace sallyport::http {
namespace {

struct Case {
  const char* what;
  std::string coded;
  bool good;
  std::string content;
  std::string rest;
};

TEST(Chunked, DecodesStrictly) {
  const Case cases[] = {
      {"one chunk", "3\r\nabc\r\n0\r\n\r\n", true, "abc", ""},
      {"two and a follower", "1\r\na\r\nB\r\n0123456789a\r\n0\r\n\r\nGET", true, "a0123456789a",
       "GET"},
      {"extension", "3;x=y\r\nabc\r\n0;z\r\n\r\n", true, "abc", ""},
      {"trailer is dropped", "1\r\na\r\n0\r\nX: y\r\n\r\n", true, "a", ""},
      {"leading zeros", "003\r\nabc\r\n0\r\n\r\n", true, "abc", ""},
      {"bare LF", "3\nabc\r\n0\r\n\r\n", false, "", ""},
      {"no size", "\r\nabc\r\n0\r\n\r\n", false, "", ""},
      {"sign", "+3\r\nabc\r\n0\r\n\r\n", false, "", ""},
      {"0x", "0x3\r\nabc\r\n0\r\n\r\n", false, "", ""},
      {"blank before CR", "3 \r\nabc\r\n0\r\n\r\n", false, "", ""},
      {"overflow", "FFFFFFFFFFFFFFFF0\r\n", false, "", ""},
      {"longer than it says", "3\r\nabcd\r\n0\r\n\r\n", false, "", ""},
      {"endless extension", "3;" + std::string(300, 'x') + "\r\nabc\r\n0\r\n\r\n", false, "", ""},
      {"trailer without a colon", "0\r\nX\r\n\r\n", false, "", ""},
      {"trailer without a name", "0\r\n: y\r\n\r\n", false, "", ""},
      {"blank before the colon of a trailer", "0\r\nX : y\r\n\r\n", false, "", ""},
      {"NUL in a trailer", std::string("0\r\nX: \0\r\n\r\n", 11), false, "", ""},
      {"endless name of a trailer", "0\r\n" + std::string(5'000, 'x'), false, "", ""},
      {"endless trailers", "0\r\nX: " + std::string(5'000, 'x'), false, "", ""},
      {"bare CR in the content's place", "1\r\na\rb0\r\n\r\n", false, "", ""},
      {"bare LF behind the content", "1\r\na\n0\r\n\r\n", false, "", ""},
      {"folded trailer", "0\r\n X: y\r\n\r\n", false, "", ""},
  };
  for (const Case& c : cases) {
    for (std::size_t step = 1; step <= c.coded.size(); ++step) {
      ChunkedDecoder decoder;
      std::string out;
      std::string left;
      auto state = ChunkedDecoder::State::More;
      for (std::size_t at = 0; at < c.coded.size() && state == ChunkedDecoder::State::More;
           at += step) {
        std::string_view piece = std::string_view(c.coded).substr(at, step);
        state = decoder.feed(piece, out, 1000);
        if (state == ChunkedDecoder::State::Done) {
          left = std::string(piece) + c.coded.substr(std::min(at + step, c.coded.size()));
        }
      }
      if (!c.good) {
        EXPECT_EQ(state, ChunkedDecoder::State::Fault) << c.what << " in steps of " << step;
        continue;
      }
      ASSERT_EQ(state, ChunkedDecoder::State::Done) << c.what << " in steps of " << step;
      EXPECT_EQ(out, c.content);
      EXPECT_EQ(left, c.rest);
    }
  }
}

TEST(Chunked, KeepsItsTrailersApartAndBeginsAnew) {
  ChunkedDecoder decoder;
  std::string out;
  std::string_view coded = "1\r\na\r\n0\r\nX-A: 1\r\nx-b:2\r\n\r\n";
  EXPECT_EQ(decoder.feed(coded, out, 10), ChunkedDecoder::State::Done);
  EXPECT_EQ(out, "a");
  EXPECT_EQ(decoder.trailers(), "X-A: 1\r\nx-b:2\r\n");
  decoder.reset();
  coded = "1\r\nb\r\n0\r\n\r\n";
  EXPECT_EQ(decoder.feed(coded, out, 10), ChunkedDecoder::State::Done);
  EXPECT_EQ(out, "ab");
  EXPECT_EQ(decoder.trailers(), "");
}

TEST(Chunked, StopsBeforeTheLimitIsPassed) {
  ChunkedDecoder decoder;
  std::string out;
  std::string_view coded = "5\r\nabcde\r\n6\r\nabcdef\r\n0\r\n\r\n";
  EXPECT_EQ(decoder.feed(coded, out, 10), ChunkedDecoder::State::Fault);
  EXPECT_TRUE(decoder.over_limit());
  EXPECT_EQ(out, "abcde");
}

}  // namespace
}  // namespace sallyport::http
