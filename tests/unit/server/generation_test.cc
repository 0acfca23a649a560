#include "server/generation.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>

#include "storage/store.h"
#include "support/manual_loop.h"

namespace sallyport::server {
namespace {

// Nothing is connected in these tests.
class NoSockets final : public http::ReadinessSource {
 public:
  std::unique_ptr<http::Readiness> watch(int) override { return nullptr; }
};

class GenerationTest : public testing::Test {
 protected:
  GenerationTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "generation-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    auto created = storage::Store::create({folder_ + "/s.db", Secret(std::string(32, 'k'))});
    EXPECT_TRUE(created) << (created ? "" : created.error().message);
    store_ = std::move(*created);
    tables_ = std::make_unique<Tables>(access::Catalog({}, {}), clock_, *store_);
    issuers_ = std::make_unique<TokenIssuers>(bare_, clock_, tables_->reclaimer);
  }
  ~GenerationTest() override {
    issuers_.reset();
    tables_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  Result<std::shared_ptr<Generation>> make(config::Config config, std::uint16_t port = 8443) {
    tables_->extend(extended_catalog(tables_->policy.catalog(), config));
    auto upstreams = proxy::Upstreams::open(config, clock_, nullptr);
    if (!upstreams) return std::unexpected(upstreams.error());
    return make_generation(std::make_shared<const config::Config>(std::move(config)), *upstreams,
                           {*store_, *tables_, clock_, [] {}, port, *issuers_},
                           {loop_, random_, sockets_});
  }
  static config::Config config_with(std::initializer_list<std::string> names) {
    config::Config config;
    for (const std::string& name : names) {
      config::Api api;
      api.name = name;
      api.engine = "messaging";
      api.hosts.resize(1);
      api.hosts[0].host = name + ".test";
      config.apis.push_back(std::move(api));
    }
    return config;
  }

  std::string folder_;
  ManualClock clock_;
  SeededRandom random_{3};
  test::ManualLoop loop_{clock_};
  NoSockets sockets_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Tables> tables_;
  config::Config bare_;
  std::unique_ptr<TokenIssuers> issuers_;
};

TEST_F(GenerationTest, AnApiKeepsItsIndexWhateverComesAndGoes) {
  const auto first = make(config_with({"a", "b"}));
  ASSERT_TRUE(first) << first.error().message;
  const auto second = make(config_with({"c", "b"}));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ((*first)->router->host("b.test")->api->index, 1U);
  EXPECT_EQ((*second)->router->host("b.test")->api->index, 1U);
  EXPECT_EQ((*second)->router->host("c.test")->api->index, 2U);
  EXPECT_EQ((*second)->router->host("a.test"), nullptr);
  EXPECT_NE(tables_->thresholds.find_api("c"), nullptr);
}

TEST_F(GenerationTest, ThePublicUrlIsOurPortUnlessItIsSaid) {
  config::Config config = config_with({"a", "b"});
  config.apis[1].hosts[0].public_url = "https://b.example.com/v1";
  config.apis[0].hosts[0].host = "2001:db8::1";
  const auto made = make(config);
  ASSERT_TRUE(made);
  EXPECT_EQ((*made)->router->host("2001:db8::1")->public_url, "https://[2001:db8::1]:8443");
  EXPECT_EQ((*made)->router->host("b.test")->public_url, "https://b.example.com/v1");
  const auto usual = make(config_with({"a"}), 443);
  ASSERT_TRUE(usual);
  EXPECT_EQ((*usual)->router->host("a.test")->public_url, "https://a.test");
}

TEST_F(GenerationTest, RoutesLeadToUpstreams) {
  config::Config config = config_with({"a"});
  config.apis[0].engine.clear();
  config.apis[0].upstream.live = "up";
  config.apis[0].routes.emplace_back();
  config.upstreams.emplace_back().name = "up";
  config.upstreams[0].endpoints.push_back({"127.0.0.1", 80});
  const auto made = make(std::move(config));
  ASSERT_TRUE(made) << made.error().message;
  const auto& groups = (*made)->router->host("a.test")->api->groups;
  // The doors' own routes have groups too, some without a handler.
  const bool leads = std::ranges::any_of(groups, [](const auto& group) {
    return std::ranges::any_of(group.routes, [](const auto& route) { return route.handler; });
  });
  EXPECT_TRUE(leads);
}

TEST_F(GenerationTest, WhatCannotBeRoutedIsAnError) {
  config::Config config = config_with({"a", "b"});
  config.apis[1].hosts = config.apis[0].hosts;
  EXPECT_FALSE(make(config));
}

}  // namespace
}  // namespace sallyport::server
