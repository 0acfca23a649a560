#include "proxy/forwarding.h"

#include "unit/proxy/forwarding_fixture.h"

namespace sallyport::proxy {
namespace {

TEST_F(ForwardingTest, AnAnswerComesBackAndTheConnectionIsKept) {
  begin();
  EXPECT_TRUE(head_arrives().starts_with("GET /x HTTP/1.1\r\nHost: api.test\r\n"));
  played.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
  until([this] { return reason.has_value(); });
  EXPECT_EQ(reason, Reason::Ok);
  EXPECT_EQ(forwarding->status(), 200);
  EXPECT_EQ(forwarding->length(), 5U);
  played.send("lo");
  EXPECT_EQ(read_body(), "hello");
  forwarding->finish();
  EXPECT_NE(pool->take(0), nullptr);
}

TEST_F(ForwardingTest, AnAnswerTooManyEndsTheConnection) {
  begin();
  head_arrives();
  played.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n");
  until([this] { return reason.has_value(); });
  EXPECT_EQ(read_body(), "ok");
  forwarding->finish();
  EXPECT_EQ(pool->take(0), nullptr);
  EXPECT_EQ(upstream->counters().surplus, 1U);
}

TEST_F(ForwardingTest, EachWayToFailHasItsReason) {
  const struct {
    const char* what;
    const char* sent;
    bool closes;
    Reason reason;
  } cases[] = {
      {"closes without a word to a POST", "", true, Reason::UpstreamReset},
      {"closes within the head", "HTTP/1.1 200 O", true, Reason::UpstreamReset},
      {"no HTTP", "hello\r\n\r\n", false, Reason::UpstreamUnparsable},
      {"no HTTP and no end", "SSH-2.0", false, Reason::UpstreamUnparsable},
      {"no HTTP and gone", "HTTP/2 200 OK\r\n", true, Reason::UpstreamUnparsable},
      {"two framings", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       false, Reason::UpstreamUnparsable},
      {"an upgrade nobody asked for", "HTTP/1.1 101 Switching\r\n\r\n", false,
       Reason::UpstreamUnparsable},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.what);
    request.method = http::Method::Post;
    reason.reset();
    begin();
    until([this] { return played.accept(); });
    until([this] { return played.received().find("\r\n\r\n") != std::string::npos; });
    played.send(one.sent);
    if (one.closes) played.close_last();
    until([this] { return reason.has_value(); });
    EXPECT_EQ(reason, one.reason);
    forwarding->finish();
  }
}

TEST_F(ForwardingTest, TooSlowIsSaidWhenItsTimeHasPassed) {
  route.head_timeout = std::chrono::milliseconds(500);
  begin();
  head_arrives();
  clock.advance_us(499'000);
  forwarding->tick(clock.monotonic_us());
  EXPECT_FALSE(reason);
  clock.advance_us(2'000);
  forwarding->tick(clock.monotonic_us());
  until([this] { return reason.has_value(); });
  EXPECT_EQ(reason, Reason::UpstreamTooSlow);
}

TEST_F(ForwardingTest, NobodyListensIsRefused) {
  settings.endpoints[0].port = 1;
  begin();
  until([this] { return reason.has_value(); });
  EXPECT_EQ(reason, Reason::UpstreamRefused);
}

TEST_F(ForwardingTest, WhatIsIdempotentIsTriedOnceMore) {
  begin();
  head_arrives();
  played.close_last();
  until([this] { return played.accept(); });
  until([this] { return played.received().find("\r\n\r\n") != std::string::npos; });
  played.send("HTTP/1.1 204 No Content\r\n\r\n");
  until([this] { return reason.has_value(); });
  EXPECT_EQ(reason, Reason::Ok);
  EXPECT_EQ(upstream->counters().retries, 1U);
}

TEST_F(ForwardingTest, ABodyGoesUpAsItComes) {
  post(http::Framing::Length, 6);
  body.pieces = {"ab"};
  begin();
  EXPECT_TRUE(head_arrives().ends_with("Content-Length: 6\r\n\r\nab"));
  body.give("cd", false);
  body.give("ef", true);
  until([this] { return played.received().ends_with("abcdef"); });
  played.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  until([this] { return reason.has_value(); });
  EXPECT_EQ(reason, Reason::Ok);
  forwarding->finish();
  EXPECT_NE(pool->take(0), nullptr) << "all was said on both sides";
}

TEST_F(ForwardingTest, AChunkedBodyIsChunkedAnew) {
  post(http::Framing::Chunked, 0);
  begin();
  head_arrives();
  body.give("0123456789", false);
  body.give("", true);
  until([this] { return played.received().ends_with("a\r\n0123456789\r\n0\r\n\r\n"); });
}

TEST_F(ForwardingTest, AnEarlyAnswerIsTakenWhileTheBodyIsStillComing) {
  post(http::Framing::Length, 100);
  begin();
  head_arrives();
  played.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
  until([this] { return reason.has_value(); });
  EXPECT_EQ(reason, Reason::Ok);
  EXPECT_EQ(forwarding->status(), 413);
  EXPECT_EQ(read_body(), "no");
  EXPECT_FALSE(body.forgotten());
  forwarding->finish();
  EXPECT_TRUE(body.forgotten());
  EXPECT_EQ(pool->take(0), nullptr) << "the upstream waits for a body that nobody sends";
}

TEST_F(ForwardingTest, AClientThatFailsIsNoFaultOfTheUpstream) {
  settings.ejection.failures = 1;
  settings.ejection.most_percent = 100;
  post(http::Framing::Length, 100);
  begin();
  head_arrives();
  body.fail(http::BodyFault::Timeout);
  until([this] { return reason.has_value(); });
  EXPECT_EQ(reason, Reason::BodyTimeout);
  EXPECT_TRUE(upstream->is_usable(0, clock.monotonic_us()));
}

TEST_F(ForwardingTest, ASlowClientIsNoSlowUpstream) {
  settings.ejection.failures = 1;
  settings.ejection.most_percent = 100;
  route.head_timeout = std::chrono::milliseconds(500);
  route.total_timeout = std::chrono::milliseconds(5'000);
  post(http::Framing::Length, 100);
  begin();
  head_arrives();
  clock.advance_us(4'900'000);
  forwarding->tick(clock.monotonic_us());
  settle();
  EXPECT_FALSE(reason) << "the upstream has nothing to answer yet";
  clock.advance_us(200'000);
  forwarding->tick(clock.monotonic_us());
  until([this] { return reason.has_value(); });
  EXPECT_EQ(reason, Reason::BodyTimeout) << "nor has the client all day";
  EXPECT_TRUE(upstream->is_usable(0, clock.monotonic_us()));
}

TEST_F(ForwardingTest, ABodyOverItsLimitGoesNoFurther) {
  post(http::Framing::Length, 1'000'001);
  begin();
  EXPECT_EQ(reason, Reason::BodyTooLarge);
  EXPECT_FALSE(played.accept());
}

TEST_F(ForwardingTest, TheBreakerRefusesAtOnce) {
  settings.max_in_flight = 1;
  open();
  ASSERT_TRUE(pool->enter());
  begin();
  EXPECT_EQ(reason, Reason::UpstreamBusy);
  forwarding->finish();
  EXPECT_FALSE(pool->enter()) << "it gave back what it never had";
}

}  // namespace
}  // namespace sallyport::proxy
