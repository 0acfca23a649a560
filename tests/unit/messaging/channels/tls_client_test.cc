#include "messaging/channels/tls_client.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>
#include <string>

namespace sallyport::messaging {
namespace {

using Kind = TlsStep::Kind;

class TlsClientTest : public testing::Test {
 protected:
  TlsClientTest() {
    std::signal(SIGPIPE, SIG_IGN);  // as on the delivery thread, where it is blocked
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends_.data()), 0);
  }
  ~TlsClientTest() override {
    for (const int end : ends_) ::close(end);
  }
  std::unique_ptr<TlsClient> make(TlsPolicy policy = {
                                      .host = "localhost", .ca_file = "", .verify = false}) {
    auto made = TlsClient::make(ends_[0], policy);
    EXPECT_TRUE(made);
    return made ? std::move(*made) : nullptr;
  }
  std::array<int, 2> ends_{};
};

TEST_F(TlsClientTest, SaysHelloAndWaits) {
  const auto client = make();
  EXPECT_EQ(client->handshake().kind, Kind::WantRead);
  std::array<char, 2048> bytes{};
  const ssize_t got = ::recv(ends_[1], bytes.data(), bytes.size(), 0);
  ASSERT_GT(got, 5);
  EXPECT_EQ(bytes[0], 22) << "a handshake record";
  const std::string hello(bytes.data(), static_cast<std::size_t>(got));
  EXPECT_NE(hello.find("localhost"), std::string::npos) << "SNI";
}

TEST_F(TlsClientTest, AnAddressIsNotSentAsName) {
  const auto client = make({.host = "192.0.2.1", .ca_file = "", .verify = false});
  client->handshake();
  std::array<char, 2048> bytes{};
  const ssize_t got = ::recv(ends_[1], bytes.data(), bytes.size(), 0);
  const std::string hello(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  EXPECT_EQ(hello.find("192.0.2.1"), std::string::npos);
}

TEST_F(TlsClientTest, GarbageIsAFailureWithAReason) {
  const auto client = make();
  client->handshake();
  ASSERT_EQ(::send(ends_[1], "220 hello, this is no TLS\r\n", 27, 0), 27);
  const TlsStep step = client->handshake();
  EXPECT_EQ(step.kind, Kind::Failed);
  EXPECT_TRUE(step.text.starts_with("TLS: ")) << step.text;
}

TEST_F(TlsClientTest, APeerThatGoesIsAFailure) {
  const auto client = make();
  client->handshake();
  ::shutdown(ends_[1], SHUT_RDWR);
  EXPECT_EQ(client->handshake().kind, Kind::Failed);
}

TEST_F(TlsClientTest, AuthoritiesThatCannotBeReadAreAnError) {
  const auto made = TlsClient::make(ends_[0], {.host = "localhost", .ca_file = "/nothing/ca.pem"});
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("authorities"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::messaging
