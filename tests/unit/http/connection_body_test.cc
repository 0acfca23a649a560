// Bodies on a connection: read on demand, drained when nobody wants them, never mistaken for a
// head.
#include <gtest/gtest.h>

#include <string>

#include "unit/http/connection_fixture.h"

namespace sallyport::http {
namespace {

TEST_F(ConnectionTest, ABodyThatDoesNotComeIsTheHandlersToAnswer) {
  send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345");
  pass(29'000'000);
  EXPECT_EQ(take(), "");
  pass(2'000'000);
  const std::string answer = take();
  EXPECT_TRUE(contains(answer, "HTTP/1.1 408 ")) << answer;
  EXPECT_TRUE(contains(answer, "Connection: close")) << answer;
}

TEST_F(ConnectionTest, ChunkedBodiesEndWhereTheyEnd) {
  send(
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: v\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string answers = take();
  EXPECT_TRUE(contains(answers, "POST /a [abcde]")) << answers;
  EXPECT_TRUE(contains(answers, "GET /b []")) << answers;
}

TEST_F(ConnectionTest, ChunkedBytesThatCameLateAreKeptForTheNextRequest) {
  send("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na");
  send("bc\r\n0\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string answers = take();
  EXPECT_TRUE(contains(answers, "POST /a [abc]")) << answers;
  EXPECT_TRUE(contains(answers, "GET /b []")) << answers;
}

TEST_F(ConnectionTest, ContinueIsSentWhenTheBodyIsWanted) {
  send("POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(take(), "HTTP/1.1 100 Continue\r\n\r\n");
  send("abc");
  EXPECT_TRUE(contains(take(), "POST /a [abc]"));
}

TEST_F(ConnectionTest, AnUnwantedExpectedBodyEndsTheConnection) {
  send("POST /unread HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  const std::string answer = take();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  EXPECT_TRUE(contains(answer, "Connection: close")) << answer;
}

TEST_F(ConnectionTest, AnUnreadBodyIsDrainedOrEndsIt) {
  send(
      "POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n"
      "Host: h\r\n\r\n");
  EXPECT_TRUE(contains(take(), "GET /b []")) << "a short one is skipped";
  send("POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\n\r\n");
  EXPECT_TRUE(contains(take(), "Connection: close")) << "a long one is not waited for";
}

TEST_F(ConnectionTest, TooLargeBodies) {
  send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_TRUE(contains(take(), "HTTP/1.1 413 "));
}

TEST_F(ConnectionTest, ABodyThatTricklesForEverIsGivenUp) {
  send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 900\r\n\r\n");
  for (int i = 0; i < 11; ++i) {
    send("x");
    pass(29'000'000);
  }
  EXPECT_TRUE(contains(take(), "HTTP/1.1 408 ")) << "limits.body_total_timeout";
}

TEST_F(ConnectionTest, AMalformedChunkIsTheHandlersToAnswerAndEndsTheConnection) {
  send("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc");
  const std::string answer = take();
  EXPECT_TRUE(contains(answer, "HTTP/1.1 400 ")) << answer;
  EXPECT_TRUE(contains(answer, "Connection: close\r\n")) << answer;
}

TEST_F(ConnectionTest, AnEndlessUnreadBodyEndsTheConnection) {
  send("POST /unread HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_TRUE(contains(take(), "HTTP/1.1 200 ")) << "the answer does not wait for it";
  const std::string chunk = "4000\r\n" + std::string(16'384, 'x') + "\r\n";
  for (int i = 0; i < 8 && !closed_; ++i) send(chunk);
  EXPECT_TRUE(closed_);
  EXPECT_EQ(log_.answered.size(), 1U);
}

TEST_F(ConnectionTest, AClientThatVanishesWithinABody) {
  send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345");
  ::shutdown(ours_, SHUT_RDWR);
  work();
  EXPECT_TRUE(ended_);
  ASSERT_EQ(log_.finished.size(), 1U);
  EXPECT_EQ(log_.finished[0].reason, Reason::ClientGone);
}

TEST_F(ConnectionTest, NoContinueForABodyThatIsHereAlready) {
  send("POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc");
  const std::string answer = take();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
  EXPECT_TRUE(contains(answer, "POST /a [abc]")) << answer;
}

TEST_F(ConnectionTest, AQuickSenderLetsOthersHaveTheirTurn) {
  send("GET /close HTTP/1.1\r\nHost: h\r\n\r\n");
  const int before = turns_;
  send(std::string(150'000, 'x'));
  EXPECT_GE(turns_ - before, 3) << "what is thrown away behind the last answer";
  EXPECT_FALSE(ended_);
  EXPECT_EQ(log_.answered.size(), 1U);

  reopen(nullptr, Transport::Trusted);
  send("POST /long HTTP/1.1\r\nHost: h\r\nContent-Length: 150000\r\n\r\n");
  const int body = turns_;
  send(std::string(150'000, 'x'));
  EXPECT_GE(turns_ - body, 3) << "a body that is wanted";
  EXPECT_TRUE(contains(take(), "POST /long [xxx"));
}

}  // namespace
}  // namespace sallyport::http
