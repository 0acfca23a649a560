#include "proxy/proxy.h"

#include "unit/proxy/proxy_fixture.h"

namespace sallyport::proxy {
namespace {

TEST_F(ProxyTest, AForwardingIsUsedAgain) {
  config::Config config;
  const std::vector<std::unique_ptr<Upstream>> none;
  Proxy proxy(config, none, sockets, clock, 2);
  Forwarding* first = proxy.take();
  Forwarding* second = proxy.take();
  EXPECT_NE(first, second);
  EXPECT_EQ(proxy.under_way(), 2U);
  proxy.give(first);
  EXPECT_EQ(proxy.take(), first);
  proxy.tick();
  proxy.give(first);
  proxy.give(second);
  EXPECT_EQ(proxy.under_way(), 0U);
}

}  // namespace
}  // namespace sallyport::proxy
