#include "proxy/upstreams.h"

#include "unit/proxy/proxy_fixture.h"

namespace sallyport::proxy {
namespace {

TEST_F(ProxyTest, UpstreamsCountOnOverAReload) {
  config::Config config;
  config.upstreams.push_back(settings);
  const auto first = Upstreams::open(config, clock, nullptr);
  ASSERT_TRUE(first);
  (*first)->list()[0]->counters().retries = 7;
  config.upstreams.push_back(settings);
  config.upstreams[1].name = "new";
  const auto second = Upstreams::open(config, clock, first->get());
  ASSERT_TRUE(second);
  EXPECT_EQ((*second)->list()[0]->counters().retries, 7U);
  EXPECT_EQ((*second)->list()[1]->counters().retries, 0U);
}

TEST_F(ProxyTest, OneThatIsNotRightIsNamed) {
  config::Config config;
  settings.credential = {"x-token", "/nowhere/token"};
  config.upstreams.push_back(settings);
  const auto opened = Upstreams::open(config, clock, nullptr);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message,
            "upstream played: secret_file /nowhere/token: No such file or directory");
}

}  // namespace
}  // namespace sallyport::proxy
