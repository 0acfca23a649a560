#include "http/stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "support/test_certificate.h"
#include "support/test_tls.h"

namespace sallyport::http {
namespace {

class StreamTest : public testing::Test {
 protected:
  StreamTest() {
    int pair[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    ours_ = pair[0];
    theirs_ = pair[1];
    for (const int socket : pair) ::fcntl(socket, F_SETFL, O_NONBLOCK);
  }
  ~StreamTest() override { ::close(ours_); }
  int ours_ = -1;
  int theirs_ = -1;
};

TEST_F(StreamTest, PlainBytesGoBothWays) {
  Stream stream(theirs_, nullptr);
  char buffer[16];
  EXPECT_EQ(stream.handshake().status, IoStatus::Done);
  EXPECT_EQ(stream.read(buffer).status, IoStatus::WantRead);
  ASSERT_EQ(::send(ours_, "abc", 3, 0), 3);
  EXPECT_EQ(stream.read(buffer).bytes, 3U);
  EXPECT_EQ(stream.write("xyz").bytes, 3U);
  stream.shutdown_write();
  EXPECT_EQ(::recv(ours_, buffer, sizeof buffer, 0), 3);
  EXPECT_EQ(::recv(ours_, buffer, sizeof buffer, 0), 0);
  ::shutdown(ours_, SHUT_WR);
  EXPECT_EQ(stream.read(buffer).status, IoStatus::Closed);
}

TEST_F(StreamTest, TlsHandshakesInSmallStepsAndTellsTheName) {
  const std::string folder = testing::TempDir() + std::to_string(::getpid()) + "-stream_test";
  test::write_certificate(folder);
  auto context = test::load_tls(folder + "/cert.pem", folder + "/key.pem");
  ASSERT_TRUE(context);
  Stream stream(theirs_, context->get());
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> client_context(
      SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  const std::unique_ptr<SSL, void (*)(SSL*)> client(SSL_new(client_context.get()), SSL_free);
  SSL_set_tlsext_host_name(client.get(), "Api.Local.Test");
  SSL_set_fd(client.get(), ours_);
  SSL_set_connect_state(client.get());
  IoResult server = stream.handshake();
  EXPECT_EQ(server.status, IoStatus::WantRead);
  int connected = 0;
  for (int turn = 0; turn < 20 && (connected != 1 || server.status != IoStatus::Done); ++turn) {
    connected = SSL_do_handshake(client.get());
    server = stream.handshake();
    ASSERT_NE(server.status, IoStatus::Fault);
  }
  ASSERT_EQ(server.status, IoStatus::Done);
  EXPECT_EQ(stream.server_name(), "Api.Local.Test");
  ASSERT_EQ(SSL_write(client.get(), "hello", 5), 5);
  char buffer[3];
  EXPECT_EQ(stream.read(buffer).bytes, 3U);
  EXPECT_TRUE(stream.has_pending()) << "the socket will not tell about the other two";
  EXPECT_EQ(stream.read(buffer).bytes, 2U);
  EXPECT_EQ(stream.write("answer").bytes, 6U);
  char answer[16];
  EXPECT_EQ(SSL_read(client.get(), answer, sizeof answer), 6);
}

TEST_F(StreamTest, PlainHttpOnATlsPortIsNoticed) {
  const std::string folder = testing::TempDir() + std::to_string(::getpid()) + "-stream_test_plain";
  test::write_certificate(folder);
  auto context = test::load_tls(folder + "/cert.pem", folder + "/key.pem");
  ASSERT_TRUE(context);
  Stream stream(theirs_, context->get());
  ASSERT_EQ(::send(ours_, "GET / HTTP/1.1\r\n", 16, 0), 16);
  EXPECT_EQ(stream.handshake().status, IoStatus::Fault);
  EXPECT_TRUE(stream.spoke_http());
  EXPECT_EQ(stream.write("HTTP/1.1 400 \r\n").bytes, 15U) << "an answer in its own language";
}

}  // namespace
}  // namespace sallyport::http
