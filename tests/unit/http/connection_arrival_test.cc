#include "http/forwarded.h"
#include "unit/http/connection_fixture.h"

namespace sallyport::http {
namespace {

constexpr std::string_view kRequest = "GET /x HTTP/1.1\r\nHost: h.test\r\n\r\n";

class ArrivalTest : public ConnectionTest {
 protected:
  void announce(Transport transport = Transport::Trusted) {
    announced_ = true;
    ended_ = closed_ = false;
    reopen(nullptr, transport);
    take();
  }
};

TEST_F(ArrivalTest, TheHeaderComesFirstAndByteByByte) {
  announce();
  for (const char c : std::string_view("PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n")) {
    send({&c, 1});
  }
  EXPECT_EQ(take(), "");
  send(kRequest);
  EXPECT_TRUE(contains(take(), "HTTP/1.1 200"));
}

TEST_F(ArrivalTest, WhoeverMustAnnounceAndDoesNotIsNotHeard) {
  announce();
  send(kRequest);
  EXPECT_EQ(take(), "");
  EXPECT_TRUE(ended_);
  EXPECT_TRUE(connection_->turned_away());
  EXPECT_TRUE(log_.answered.empty());
}

TEST_F(ArrivalTest, HalfAHeaderHasTheTimeOfAHandshake) {
  announce();
  send("PROXY TCP4 203.0.113.7");
  pass(9'000'000);
  EXPECT_FALSE(ended_);
  pass(1'100'000);
  EXPECT_TRUE(ended_);
  EXPECT_TRUE(connection_->turned_away());
}

TEST_F(ArrivalTest, ASourceHasSoManyConnections) {
  SourceLimit sources;
  sources.set_most(1);
  context_.sources = &sources;
  const IpAddress client = *IpAddress::parse("203.0.113.7");
  ASSERT_TRUE(sources.enter(client));
  announce();
  send("PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n");
  EXPECT_TRUE(connection_->turned_away());
  sources.leave(client);
  announce();
  send("PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n");
  send(kRequest);
  EXPECT_TRUE(contains(take(), "HTTP/1.1 200"));
  EXPECT_FALSE(sources.enter(client)) << "it is counted";
  connection_.reset();
  EXPECT_TRUE(sources.enter(client)) << "until it goes";
  context_.sources = nullptr;
}

TEST_F(ArrivalTest, ABalancersOwnAddressIsNotCounted) {
  SourceLimit sources;
  sources.set_most(1);
  context_.sources = &sources;
  ASSERT_TRUE(sources.enter(*IpAddress::parse("192.0.2.9")));
  reopen(nullptr, Transport::Trusted);
  send(kRequest);
  EXPECT_TRUE(contains(take(), "HTTP/1.1 200"));
  connection_.reset();
  context_.sources = nullptr;
}

TEST_F(ArrivalTest, AProxyIsBelievedOnlyWhenItIsListed) {
  const std::string doubtful =
      "GET /x HTTP/1.1\r\nHost: h.test\r\nX-Forwarded-For: nonsense\r\n\r\n";
  send(doubtful);
  EXPECT_TRUE(contains(take(), "HTTP/1.1 200")) << "a field like another";
  context_.trusted_proxies = {*Network::parse("192.0.2.0/24")};
  send(doubtful);
  EXPECT_TRUE(contains(take(), "HTTP/1.1 400"));
  ASSERT_EQ(log_.refused.size(), 1U);
  EXPECT_EQ(log_.refused[0], Reason::MalformedHead);
}

}  // namespace
}  // namespace sallyport::http
