#include "proxy/resolver.h"

#include <chrono>

#include "unit/proxy/proxy_fixture.h"

namespace sallyport::proxy {
namespace {

TEST_F(ProxyTest, AResolverEndsAtOnce) {
  const auto before = std::chrono::steady_clock::now();
  {
    Resolver resolver;
    config::Config config;
    settings.endpoints = {{"localhost", 80}};
    config.upstreams.push_back(settings);
    auto opened = Upstreams::open(config, clock, nullptr);
    ASSERT_TRUE(opened);
    resolver.use(std::move(*opened));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
}

}  // namespace
}  // namespace sallyport::proxy
