#include "proxy/upstream.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "unit/proxy/proxy_fixture.h"

namespace sallyport::proxy {
namespace {

class UpstreamTest : public ProxyTest {
 protected:
  void endpoints(std::size_t count) { settings.endpoints.assign(count, {"127.0.0.1", 80}); }
  bool usable(std::size_t endpoint) { return upstream->is_usable(endpoint, clock.monotonic_us()); }
  void fail(std::size_t endpoint, int times) {
    for (int i = 0; i < times; ++i) upstream->note_failure(endpoint, clock.monotonic_us());
  }
  std::string secret(std::string_view text, int mode) {
    char name[] = "/tmp/sallyport-secret-XXXXXX";
    const int file = ::mkstemp(name);
    EXPECT_EQ(::write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    EXPECT_EQ(::fchmod(file, static_cast<mode_t>(mode)), 0);
    ::close(file);
    return name;
  }
};

TEST_F(UpstreamTest, FailuresInARowEjectForAWhile) {
  endpoints(2);
  settings.ejection = {3, std::chrono::milliseconds(10'000), 50};
  open();
  fail(0, 2);
  upstream->note_success(0);
  fail(0, 2);
  EXPECT_TRUE(usable(0)) << "not in a row";
  fail(0, 1);
  EXPECT_FALSE(usable(0));
  EXPECT_EQ(upstream->counters().ejections, 1U);
  fail(1, 10);
  EXPECT_TRUE(usable(1)) << "half of them stay, whatever they do";
  clock.advance_us(10'000'000);
  EXPECT_TRUE(usable(0));
}

TEST_F(UpstreamTest, TheLastWellOneIsNeverEjected) {
  endpoints(2);
  settings.health.unhealthy_after = 1;
  open();
  upstream->note_check(0, false);
  fail(1, 100);
  EXPECT_TRUE(usable(1)) << "the other one is out already";
}

TEST_F(UpstreamTest, TheOnlyOneIsNeverEjected) {
  endpoints(1);
  open();
  fail(0, 100);
  EXPECT_TRUE(usable(0));
}

TEST_F(UpstreamTest, ARunOfChecksDecides) {
  endpoints(1);
  settings.health.unhealthy_after = 2;
  settings.health.healthy_after = 2;
  open();
  upstream->note_check(0, false);
  upstream->note_check(0, true);
  upstream->note_check(0, false);
  EXPECT_TRUE(usable(0));
  upstream->note_check(0, false);
  EXPECT_FALSE(usable(0));
  upstream->note_check(0, true);
  EXPECT_FALSE(usable(0));
  upstream->note_check(0, true);
  EXPECT_TRUE(usable(0));
}

TEST_F(UpstreamTest, NamesAreLookedUpAddressesAreNot) {
  settings.endpoints = {{"localhost", 80}, {"127.0.0.1", 81}};
  open();
  EXPECT_TRUE(upstream->has_names());
  EXPECT_NE(upstream->address(0).size, 0U);
  EXPECT_NE(upstream->address(1).size, 0U);
  settings.endpoints = {{"no-such-name.invalid", 80}};
  open();
  EXPECT_EQ(upstream->address(0).size, 0U);
}

TEST_F(UpstreamTest, ASecretIsOneLineThatNobodyElseCanRead) {
  settings.credential.header = "authorization";
  settings.credential.secret_file = secret("Bearer abc\n", 0600);
  open();
  EXPECT_EQ(upstream->credential(), "Bearer abc");
  for (const auto& [text, mode] : {std::pair("Bearer abc", 0644), std::pair("", 0600),
                                   std::pair("two\nlines", 0600), std::pair("a\tb", 0600)}) {
    settings.credential.secret_file = secret(text, mode);
    EXPECT_FALSE(Upstream::open(settings, clock)) << text;
    ::unlink(settings.credential.secret_file.c_str());
  }
  settings.credential.secret_file = "/nowhere/secret";
  const auto missing = Upstream::open(settings, clock);
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("/nowhere/secret"), std::string::npos);
}

TEST_F(UpstreamTest, TheNameInItsCertificateIsTheEndpointsUnlessSaidOtherwise) {
  settings.endpoints = {{"orders.internal", 443}};
  open();
  EXPECT_EQ(upstream->tls_name(0), "orders.internal");
  settings.tls.server_name = "other";
  open();
  EXPECT_EQ(upstream->tls_name(0), "other");
}

}  // namespace
}  // namespace sallyport::proxy
