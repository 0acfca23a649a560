// How an answer's body is taken; whether there is one is in forwarding_test.cc.
#include "unit/proxy/forwarding_fixture.h"

namespace sallyport::proxy {
namespace {

TEST_F(ForwardingTest, ChunkedIsDecodedUntilItsEnd) {
  begin();
  head_arrives();
  played.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  until([this] { return reason.has_value(); });
  EXPECT_EQ(forwarding->length(), std::nullopt);
  played.send("2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(read_body(), "abcde");
  EXPECT_EQ(end, Reason::Ok);
}

TEST_F(ForwardingTest, AClientThatReadsSlowlyHasTheTotalTimeToo) {
  route.total_timeout = std::chrono::milliseconds(2'000);
  begin();
  head_arrives();
  played.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  until([this] { return reason.has_value(); });
  clock.advance_us(2'100'000);
  played.send("defghij");
  EXPECT_EQ(read_body(), "abc");
  EXPECT_EQ(end, Reason::UpstreamTooSlow);
}

TEST_F(ForwardingTest, ABodyCutOffIsNotItsEnd) {
  begin();
  head_arrives();
  played.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
  played.close_last();
  until([this] { return reason.has_value(); });
  EXPECT_EQ(read_body(), "abc");
  EXPECT_EQ(end, Reason::UpstreamCut);
}

}  // namespace
}  // namespace sallyport::proxy
