#include "server/listeners.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/test_tls.h"

namespace sallyport::server {
namespace {

void close_all(const ListenerGroup& group) {
  for (const int socket : group.sockets) ::close(socket);
}

TEST(Listeners, AGroupSharesOnePort) {
  config::Listener listener;
  listener.kind = config::ListenerKind::Trusted;
  const auto group = open_group(listener, 3);
  ASSERT_TRUE(group) << group.error().message;
  EXPECT_EQ(group->sockets.size(), 3U);
  EXPECT_NE(group->port, 0);
  EXPECT_EQ(group->transport, http::Transport::Trusted);

  config::Listener same = listener;
  same.port = group->port;
  const auto taken = open_group(same, 1);
  ASSERT_FALSE(taken) << "a second server must not take half of the connections";
  EXPECT_NE(taken.error().message.find("in use"), std::string::npos);
  close_all(*group);
}

TEST(Listeners, NamesWhatIsWrong) {
  config::Listener listener;
  listener.kind = config::ListenerKind::Refuse;
  listener.address = "192.0.2.1";  // documentation range, not ours
  const auto away = open_group(listener, 1);
  ASSERT_FALSE(away);
  EXPECT_NE(away.error().message.find("192.0.2.1"), std::string::npos);
  listener.address = "localhost";
  ASSERT_FALSE(open_group(listener, 1));
  config::Listener tls;
  tls.certificate = "/nonexistent.pem";
  const auto no_certificate = load_tls(tls, {}, test::ticket_keys());
  ASSERT_FALSE(no_certificate);
  EXPECT_NE(no_certificate.error().message.find("/nonexistent.pem"), std::string::npos);
}

TEST(Listeners, AUnixSocketIsOursAlone) {
  config::Listener listener;
  listener.kind = config::ListenerKind::Trusted;
  const std::string path = testing::TempDir() + std::to_string(::getpid()) + "-listeners_test.sock";
  listener.address = "unix:" + path;
  const auto group = open_group(listener, 2);
  ASSERT_TRUE(group) << group.error().message;
  struct stat found{};
  ASSERT_EQ(::stat(path.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  close_all(*group);
  ::unlink(path.c_str());
}

TEST(Listeners, TheUrlIsThatOfTls) {
  ListenerGroup plain;
  plain.transport = http::Transport::Refused;
  plain.port = 80;
  ListenerGroup tls;
  tls.port = 8443;
  EXPECT_EQ(url_of({plain, tls}), "https://localhost:8443");
  EXPECT_EQ(url_of({plain}), "http://localhost:80");
  EXPECT_EQ(url_of({}), "");
  EXPECT_EQ(host_in_url("::1"), "[::1]");
  EXPECT_EQ(host_in_url("[::1]"), "[::1]");
  EXPECT_EQ(host_in_url("127.0.0.1"), "127.0.0.1");
}

}  // namespace
}  // namespace sallyport::server
