#include "proxy/health_checks.h"

#include "unit/proxy/proxy_fixture.h"

namespace sallyport::proxy {
namespace {

class HealthChecksTest : public ProxyTest {
 protected:
  HealthChecksTest() {
    settings.health = {"/healthz", std::chrono::milliseconds(1'000), std::chrono::milliseconds(500),
                       1, 1};
    upstreams.push_back(std::move(*Upstream::open(settings, clock)));
    checks = std::make_unique<HealthChecks>(upstreams, sockets, clock);
  }
  bool well() { return upstreams[0]->is_usable(0, clock.monotonic_us()); }
  void asked() {
    checks->tick();
    until([this] { return played.accept(); });
    until([this] { return played.received().find("\r\n\r\n") != std::string::npos; });
  }
  void later(std::int64_t us) {
    clock.advance_us(us);
    checks->tick();
    settle();
  }

  std::vector<std::unique_ptr<Upstream>> upstreams;
  std::unique_ptr<HealthChecks> checks;
};

TEST_F(HealthChecksTest, ABadStatusTakesOutAGoodOneBringsBack) {
  asked();
  EXPECT_TRUE(played.received().starts_with("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"));
  played.send("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
  until([this] { return !well(); });
  clock.advance_us(1'000'000);
  asked();
  played.send("HTTP/1.1 302 There\r\n\r\n");
  until([this] { return well(); });
}

TEST_F(HealthChecksTest, SilenceIsNotWell) {
  asked();
  later(499'000);
  EXPECT_TRUE(well());
  later(2'000);
  EXPECT_FALSE(well());
}

TEST_F(HealthChecksTest, GarbageIsNotWell) {
  asked();
  played.send("hello\r\n\r\n");
  until([this] { return !well(); });
}

TEST_F(HealthChecksTest, AConnectionThatClosesIsNotWell) {
  asked();
  played.close_last();
  until([this] { return !well(); });
}

}  // namespace
}  // namespace sallyport::proxy
