#include "http/connection.h"

#include <gtest/gtest.h>

#include "unit/http/connection_fixture.h"

namespace sallyport::http {
namespace {

TEST_F(ConnectionTest, AnswersAndKeepsTheConnection) {
  send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string answer = take();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << answer;
  EXPECT_TRUE(contains(answer, "\r\nContent-Length: 9\r\n")) << answer;
  EXPECT_TRUE(contains(answer, "\r\nX-Request-Id: ")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nGET /a []")) << answer;
  EXPECT_FALSE(contains(answer, "Connection:")) << answer;
  send("GET /b HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(contains(take(), "GET /b"));
  ASSERT_EQ(log_.finished.size(), 2U);
  EXPECT_EQ(log_.finished[0].status, 200);
  EXPECT_EQ(log_.finished[0].bytes_in, 28U);
  EXPECT_EQ(log_.finished[0].bytes_out, answer.size());
  EXPECT_FALSE(closed_);
}

TEST_F(ConnectionTest, AnswersPipelinedRequestsInOrder) {
  std::string three;
  for (const char* path : {"/1", "/2", "/3"}) {
    three += std::string("GET ") + path + " HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  send(three);
  EXPECT_EQ(log_.answered, (std::vector<std::string>{"GET /1", "GET /2", "GET /3"}));
}

TEST_F(ConnectionTest, OneByteAtATime) {
  const std::string bytes =
      "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: "
      "h\r\n\r\n";
  for (const char byte : bytes) send({&byte, 1});
  EXPECT_TRUE(contains(take(), "POST /a [abc]"));
  EXPECT_EQ(log_.answered.size(), 2U);
}

TEST_F(ConnectionTest, HeadAnnouncesALengthAndSendsNoBody) {
  send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string answers = take();
  EXPECT_TRUE(contains(answers, "Content-Length: 10\r\n")) << answers;
  EXPECT_FALSE(contains(answers, "HEAD /a []")) << answers;
  EXPECT_TRUE(answers.ends_with("GET /b []"));
}

TEST_F(ConnectionTest, BrokenHeadsAreRefusedLoggedAndEnd) {
  send("GET / HTTP/1.1\r\nHost: h\r\nA: b\r\n c\r\n\r\n");
  const std::string answer = take();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
  EXPECT_TRUE(contains(answer, "Connection: close\r\n")) << answer;
  EXPECT_EQ(log_.refused, std::vector<Reason>{Reason::MalformedHead});
  ASSERT_EQ(log_.finished.size(), 1U);
  EXPECT_EQ(log_.finished[0].reason, Reason::MalformedHead);
  EXPECT_TRUE(closed_);
  EXPECT_FALSE(ended_) << "it lingers, so that the answer is not lost to a reset";
  ::shutdown(ours_, SHUT_WR);
  work();
  EXPECT_TRUE(ended_);
}

TEST_F(ConnectionTest, TimesOutInEachPhase) {
  send("GET / HTTP/1.1\r\nHos");
  pass(9'000'000);
  EXPECT_EQ(take(), "");
  pass(1'100'000);
  EXPECT_TRUE(contains(take(), "HTTP/1.1 408 "));
  EXPECT_EQ(log_.refused, std::vector<Reason>{Reason::HeadTimeout});
}

TEST_F(ConnectionTest, AnIdleConnectionEndsWithoutAnAnswer) {
  send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  take();
  pass(74'000'000);
  EXPECT_FALSE(ended_);
  pass(2'000'000);
  EXPECT_TRUE(ended_);
  EXPECT_EQ(take(), "");
  EXPECT_EQ(log_.finished.size(), 1U) << "there was no second request to log";
}

TEST_F(ConnectionTest, ALargeAnswerArrivesWhole) {
  send("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string answer = take();
  EXPECT_TRUE(contains(answer, "Content-Length: 300003\r\n"));
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, 300'003U);
}

TEST_F(ConnectionTest, ASlowReaderIsGivenUp) {
  const std::string request = "GET /big HTTP/1.1\r\nHost: h\r\n\r\n";
  std::string many;
  for (int i = 0; i < 20; ++i) many += request;
  ASSERT_GT(::send(ours_, many.data(), many.size(), 0), 0);
  while (readiness_->turn(theirs_)) {
  }
  clock_.advance_us(31'000'000);
  connection_->tick(clock_.monotonic_us());
  while (readiness_->turn(theirs_)) {
  }
  ASSERT_FALSE(log_.finished.empty());
  EXPECT_EQ(log_.finished.back().reason, Reason::ClientGone);
}

TEST_F(ConnectionTest, TheClientsWishesToCloseAreHeard) {
  send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(contains(take(), "Connection: close\r\n"));
  EXPECT_TRUE(closed_);
}

TEST_F(ConnectionTest, Http10KeepsAliveOnlyWhenAsked) {
  send("GET /a HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(contains(take(), "Connection: keep-alive\r\n"));
  EXPECT_FALSE(closed_);
  send("GET /a HTTP/1.0\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(closed_);
}

TEST_F(ConnectionTest, DrainingEndsAnIdleConnectionAndABusyOneAfterItsAnswer) {
  send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n");
  context_.draining = true;
  connection_->drain();
  work();
  EXPECT_FALSE(ended_);
  send("abc");
  EXPECT_TRUE(contains(take(), "Connection: close\r\n"));
}

TEST_F(ConnectionTest, DrainingEndsAnIdleOneAtOnce) {
  send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  context_.draining = true;
  connection_->drain();
  work();
  EXPECT_TRUE(ended_);
}

TEST_F(ConnectionTest, DrainingAnswersARequestThatHasArrivedAlready) {
  send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  take();
  const std::string request = "GET /b HTTP/1.1\r\nHost: h\r\n\r\n";
  ASSERT_GT(::send(ours_, request.data(), request.size(), 0), 0);
  context_.draining = true;
  connection_->drain();  // before readiness has told the connection of it
  work();
  const std::string answer = take();
  EXPECT_TRUE(contains(answer, "GET /b []")) << answer;
  EXPECT_TRUE(contains(answer, "Connection: close\r\n")) << answer;
}

TEST_F(ConnectionTest, DrainingGivesAFreshConnectionTimeForItsFirstRequest) {
  context_.draining = true;
  connection_->drain();
  work();
  EXPECT_FALSE(ended_) << "its request may be on the way";
  send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(contains(take(), "Connection: close\r\n"));
  reopen(nullptr, Transport::Trusted);
  pass(1'100'000);
  EXPECT_TRUE(ended_) << "but not for ever";
}

TEST_F(ConnectionTest, EmptyLinesAreNoRequest) {
  send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n\r\n");
  take();
  pass(11'000'000);
  pass(76'000'000);
  EXPECT_TRUE(ended_);
  EXPECT_EQ(take(), "") << "nothing was asked, so nothing is answered";
  EXPECT_TRUE(log_.refused.empty());
}

TEST_F(ConnectionTest, ARefusedHeadRequestHasNoBodyInItsAnswer) {
  send("HEAD /../a HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string answer = take();
  EXPECT_EQ(log_.refused, std::vector<Reason>{Reason::NotCanonical});
  EXPECT_TRUE(contains(answer, "Content-Length: 7\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST_F(ConnectionTest, ManyPipelinedRequestsLetOthersHaveTheirTurn) {
  std::string many;
  for (int i = 0; i < 100; ++i) many += "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
  send(many);
  EXPECT_EQ(log_.answered.size(), 100U);
  EXPECT_GE(turns_, 6) << "one turn for at most sixteen";
}

TEST_F(ConnectionTest, ARefusingListenerEndsTheConnectionAfterItsAnswer) {
  reopen(nullptr, Transport::Refused);
  send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(contains(take(), "Connection: close\r\n"));
  EXPECT_TRUE(closed_);
}

TEST_F(ConnectionTest, AbandoningEndsWhatWaitsForTheClient) {
  send("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n");
  context_.draining = true;
  for (int i = 0; i < 3 && !ended_; ++i) {
    connection_->abandon();
    work();
  }
  EXPECT_TRUE(ended_);
}

TEST_F(ConnectionTest, AClientThatVanishesWithinAHeadIsLogged) {
  send("GET / HTTP/1.1\r\nHo");
  ::shutdown(ours_, SHUT_RDWR);
  work();
  EXPECT_TRUE(ended_);
  ASSERT_EQ(log_.finished.size(), 1U);
  EXPECT_EQ(log_.finished[0].reason, Reason::ClientGone);
}

}  // namespace
}  // namespace sallyport::http
