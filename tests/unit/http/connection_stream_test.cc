// Bodies that go through a connection as they come, both ways.
#include <deque>

#include "unit/http/connection_fixture.h"

namespace sallyport::http {
namespace {

// What a handler reads and answers, played by the test.
struct Played {
  std::string read;
  std::optional<BodyFault> fault;
  std::string trailers;
  bool reads = true;
  std::deque<std::string> pieces;
  std::optional<std::uint64_t> length;
  Reason broken = Reason::Ok;
  bool destroyed = false;
  std::vector<Outcome> finished;
};

class PlayedSource final : public BodySource {
 public:
  explicit PlayedSource(Played& played) : played_(played) {}
  ~PlayedSource() override { played_.destroyed = true; }
  std::string_view fields() const override { return "X-Source: 1\r\n"; }
  std::optional<std::uint64_t> length() const override { return played_.length; }
  std::string_view ready() override { return {}; }
  bool ended() const override { return played_.pieces.empty() && played_.broken == Reason::Ok; }
  Task<std::expected<std::string_view, Reason>> next() override {
    if (played_.pieces.empty()) co_return std::unexpected(played_.broken);
    piece_ = played_.pieces.front();
    played_.pieces.pop_front();
    co_return piece_;
  }
  std::string_view trailers() const override { return {}; }

 private:
  Played& played_;
  std::string piece_;
};

class PlayedExchange final : public Exchange {
 public:
  explicit PlayedExchange(Played& played) : played_(played) {}
  Task<Response> answer(Request&, BodyReader& body) override { return run(&body); }
  Response refuse(const BrokenHead&) override { return Response(); }
  void finish(const Outcome& outcome) override { played_.finished.push_back(outcome); }

 private:
  Task<Response> run(BodyReader* body) {
    while (played_.reads && !body->ended()) {
      const auto piece = co_await body->next();
      if (!piece) {
        played_.fault = piece.error();
        break;
      }
      played_.read += *piece;
    }
    played_.trailers = body->trailers();
    Response response;
    response.source = std::make_unique<PlayedSource>(played_);
    co_return response;
  }
  Played& played_;
};

class ConnectionStreamTest : public ConnectionTest {
 protected:
  ConnectionStreamTest() {
    connection_.reset();
    ::close(ours_);
    int pair[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    ours_ = pair[0];
    theirs_ = pair[1];
    auto readiness = std::make_unique<PollReadiness>();
    readiness_ = readiness.get();
    connection_ = std::make_unique<Connection>(
        context_, theirs_, nullptr, std::move(readiness), std::make_unique<PlayedExchange>(played),
        Peer{*IpAddress::parse("192.0.2.9"), 4711, Transport::Trusted});
    connection_->start();
  }
  Played played;
};

TEST_F(ConnectionStreamTest, ABodyComesInPieces) {
  played.length = 0;
  send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nab");
  EXPECT_EQ(played.read, "ab");
  send("cd");
  EXPECT_EQ(played.read, "abcd") << "each piece as it comes";
  send("efGET /y HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(played.read, "abcdef");
  EXPECT_EQ(played.finished.size(), 2U) << "what follows is the next request";
}

TEST_F(ConnectionStreamTest, AChunkedOneWithItsTrailers) {
  played.length = 0;
  send("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  EXPECT_EQ(played.read, "abc");
  send("1\r\nd\r\n0\r\nX-T: 1\r\n\r\n");
  EXPECT_EQ(played.read, "abcd");
  EXPECT_EQ(played.trailers, "X-T: 1\r\n");
}

TEST_F(ConnectionStreamTest, ABrokenOneSaysWhy) {
  send("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc");
  EXPECT_EQ(played.fault, BodyFault::Malformed);
}

TEST_F(ConnectionStreamTest, ASlowOneIsGivenUp) {
  played.length = 0;
  send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nab");
  pass(31'000'000);
  EXPECT_EQ(played.fault, BodyFault::Timeout);
}

TEST_F(ConnectionStreamTest, AContinueIsSaidWhenTheBodyIsWanted) {
  played.length = 0;
  send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(take(), "HTTP/1.1 100 Continue\r\n\r\n");
  send("ab");
  EXPECT_EQ(played.read, "ab");
  EXPECT_TRUE(take().starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(ConnectionStreamTest, AnAnswerOfKnownLengthIsWrittenAsItComes) {
  played.length = 5;
  played.pieces = {"abc", "de"};
  send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answer = take();
  EXPECT_NE(answer.find("X-Source: 1\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\nabcde"));
  EXPECT_TRUE(played.destroyed);
  EXPECT_FALSE(closed_);
}

TEST_F(ConnectionStreamTest, OneOfUnknownLengthIsChunked) {
  played.pieces = {"abc", "0123456789"};
  send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(take().ends_with(
      "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n"));
}

TEST_F(ConnectionStreamTest, OrEndsWithTheConnectionForHttp10) {
  played.pieces = {"abc"};
  send("GET /x HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n");
  const std::string answer = take();
  EXPECT_EQ(answer.find("chunked"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\nabc"));
  EXPECT_TRUE(closed_);
}

TEST_F(ConnectionStreamTest, OneThatBreaksOffIsCutAndHasItsReason) {
  played.pieces = {"abc"};
  played.broken = Reason::UpstreamCut;
  send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(take().ends_with("3\r\nabc\r\n")) << "no last chunk";
  EXPECT_TRUE(closed_);
  ASSERT_EQ(played.finished.size(), 1U);
  EXPECT_EQ(played.finished[0].reason, Reason::UpstreamCut);
}

TEST_F(ConnectionStreamTest, AnAnswerBeforeTheBodysEndLeavesTheRestToBeDrained) {
  played.reads = false;
  played.length = 0;
  send("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
  EXPECT_TRUE(take().starts_with("HTTP/1.1 200 OK\r\n"));
  send("cdGET /y HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(take().starts_with("HTTP/1.1 200 OK\r\n"));
}

}  // namespace
}  // namespace sallyport::http
