// A connection over TLS: the same requests, and what only a TLS port meets.
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "support/test_certificate.h"
#include "support/test_tls.h"
#include "unit/http/connection_fixture.h"

namespace sallyport::http {
namespace {

class TlsConnectionTest : public ConnectionTest {
 protected:
  TlsConnectionTest() {
    const std::string folder =
        testing::TempDir() + std::to_string(::getpid()) + "-connection_tls_test";
    test::write_certificate(folder);
    auto loaded = test::load_tls(folder + "/cert.pem", folder + "/key.pem");
    EXPECT_TRUE(loaded);
    tls_ = *loaded;
    reopen(tls_.get(), Transport::Tls);
  }

  // Shakes hands in turns, then sends; false when there is no connection.
  bool connect(const std::string& protocols = "") {
    client_.reset(SSL_new(client_context_.get()));
    SSL_set_fd(client_.get(), ours_);
    SSL_set_connect_state(client_.get());
    SSL_set_tlsext_host_name(client_.get(), "API.Local.Test");
    if (!protocols.empty()) {
      SSL_set_alpn_protos(client_.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                          static_cast<unsigned>(protocols.size()));
    }
    int connected = 0;
    for (int turn = 0; turn < 20 && connected != 1; ++turn) {
      connected = SSL_do_handshake(client_.get());
      while (readiness_->turn(theirs_)) {
      }
    }
    return connected == 1;
  }
  std::string ask(const std::string& request) {
    EXPECT_EQ(SSL_write(client_.get(), request.data(), static_cast<int>(request.size())),
              static_cast<int>(request.size()));
    std::string answer;
    char buffer[4096];
    for (int turn = 0; turn < 200; ++turn) {
      const bool worked = readiness_->turn(theirs_);
      const int got = SSL_read(client_.get(), buffer, sizeof buffer);
      if (got > 0) answer.append(buffer, static_cast<std::size_t>(got));
      if (!worked && got <= 0) break;
    }
    return answer;
  }

  std::shared_ptr<TlsContext> tls_;
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> client_context_{
      SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  std::unique_ptr<SSL, void (*)(SSL*)> client_{nullptr, SSL_free};
};

TEST_F(TlsConnectionTest, AnswersOneRequestAfterTheOther) {
  ASSERT_TRUE(connect());
  EXPECT_TRUE(contains(ask("GET /a HTTP/1.1\r\nHost: h\r\n\r\n"), "GET /a []"));
  EXPECT_TRUE(contains(ask("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"),
                       "POST /b [abc]"));
  const std::string big = ask("GET /big HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(big.size() - big.find("\r\n\r\n") - 4, 300'003U);
}

TEST_F(TlsConnectionTest, ARequestInTwoRecordsThatArriveAtOnce) {
  ASSERT_TRUE(connect());
  const std::string first = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n";
  ASSERT_EQ(SSL_write(client_.get(), first.data(), static_cast<int>(first.size())),
            static_cast<int>(first.size()));
  EXPECT_TRUE(contains(ask("abc"), "POST /a [abc]")) << "nothing may wait inside TLS unseen";
}

TEST_F(TlsConnectionTest, TwoRequestsInTwoRecordsThatArriveAtOnce) {
  ASSERT_TRUE(connect());
  const std::string first = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
  ASSERT_EQ(SSL_write(client_.get(), first.data(), static_cast<int>(first.size())),
            static_cast<int>(first.size()));
  EXPECT_TRUE(contains(ask("GET /b HTTP/1.1\r\nHost: h\r\n\r\n"), "GET /b []"));
}

TEST_F(TlsConnectionTest, ProtocolsAreAgreedOnOrRefused) {
  EXPECT_TRUE(connect(std::string("\x02h2\x08http/1.1", 12)));
  reopen(tls_.get(), Transport::Tls);
  EXPECT_FALSE(connect(std::string("\x02h2", 3))) << "we do not speak it";
  work();
  EXPECT_TRUE(ended_);
  EXPECT_TRUE(connection_->handshake_failed());
}

TEST_F(TlsConnectionTest, OldVersionsAreRefused) {
  SSL_CTX_set_min_proto_version(client_context_.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(client_context_.get(), TLS1_1_VERSION);
  SSL_CTX_set_security_level(client_context_.get(), 0);
  EXPECT_FALSE(connect());
  EXPECT_TRUE(connection_->handshake_failed());
}

TEST_F(TlsConnectionTest, PlainHttpIsToldInItsOwnLanguage) {
  send("get / HTTP/1.1\r\n");
  const std::string answer = take();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
  EXPECT_TRUE(contains(answer, "Connection: close\r\n")) << answer;
  EXPECT_EQ(log_.refused, std::vector<Reason>{Reason::TlsRequired});
}

TEST_F(TlsConnectionTest, AHandshakeThatDoesNotComeEnds) {
  pass(9'000'000);
  EXPECT_FALSE(ended_);
  pass(2'000'000);
  EXPECT_TRUE(ended_);
  EXPECT_EQ(take(), "");
}

}  // namespace
}  // namespace sallyport::http
