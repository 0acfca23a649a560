#include "admin/api_routes.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace sallyport::admin {
namespace {

config::Config forwarding() {
  config::Config config;
  config::Api& api = config.apis.emplace_back();
  api.name = "orders";
  config::Route& listed = api.routes.emplace_back();
  listed.path = "/orders";
  listed.methods = {"GET", "POST"};
  listed.operation = "orders.use";
  api.routes.emplace_back().path = "/**";
  return config;
}

TEST(OperationNames, AreTheEnginesAndThoseOfRoutes) {
  const auto names = operation_names(forwarding());
  EXPECT_NE(std::ranges::find(names, "messages.create"), names.end());
  EXPECT_EQ(std::ranges::count(names, "orders.use"), 1);
  EXPECT_EQ(std::ranges::count(names, ""), 0);
}

TEST(ApiRoutes, OneForEachMethod) {
  const config::Config config = forwarding();
  std::vector<const config::Route*> asked;
  const auto specs = api_routes(config.apis[0], [&](const config::Route* route) {
    asked.push_back(route);
    return nullptr;
  });
  ASSERT_EQ(asked.size(), 2U);
  EXPECT_EQ(asked[0], config.apis[0].routes.data());
  ASSERT_EQ(specs.size(), 2U + 6U) << "two listed, and every one but HEAD, which goes with GET";
  EXPECT_EQ(specs[0].operation, "orders.use");
  EXPECT_EQ(specs[2].pattern, "/**");
}

TEST(ApiRoutes, TheEngineHasItsOwn) {
  config::Api api;
  api.engine = "messaging";
  const auto specs = api_routes(api, [](const config::Route* route) {
    EXPECT_EQ(route, nullptr);
    return nullptr;
  });
  EXPECT_TRUE(std::ranges::any_of(
      specs, [](const gateway::RouteSpec& spec) { return spec.operation == "messages.create"; }));
}

}  // namespace
}  // namespace sallyport::admin
