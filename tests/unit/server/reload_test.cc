#include "server/reload.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "server/configuration.h"
#include "storage/store.h"
#include "support/manual_loop.h"
#include "support/test_tls.h"

namespace sallyport::server {
namespace {

constexpr const char* kPlain =
    "[[listener]]\nkind = \"trusted\"\nport = 8080\n"
    "[[api]]\nname = \"messaging\"\n[[api.host]]\nhost = \"localhost\"\n";

// Nothing is connected in these tests.
class NoSockets final : public http::ReadinessSource {
 public:
  std::unique_ptr<http::Readiness> watch(int) override { return nullptr; }
};

class ReloadTest : public testing::Test {
 protected:
  ReloadTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "reload-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    auto created = storage::Store::create({folder_ + "/s.db", Secret(std::string(32, 'k'))});
    EXPECT_TRUE(created) << (created ? "" : created.error().message);
    store_ = std::move(*created);
    options_.data_directory = folder_;
    write(kPlain);
    auto started = load_configuration(options_);
    EXPECT_TRUE(started) << (started ? "" : started.error().message);
    running_ = std::move(started->config);
    tables_ = std::make_unique<Tables>(extended_catalog({{}, {}}, running_), clock_, *store_);
    issuers_ = std::make_unique<TokenIssuers>(running_, clock_, tables_->reclaimer);
  }
  ~ReloadTest() override {
    issuers_.reset();
    tables_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }
  void write(const std::string& text) { std::ofstream(folder_ + "/sallyport.toml") << text; }
  Result<Prepared> prepare() {
    return prepare_reload({options_,
                           kPlain,
                           running_,
                           upstreams_,
                           {*store_, *tables_, clock_, [] {}, 8080, *issuers_},
                           metrics_,
                           test::ticket_keys(),
                           {{loop_, random_, sockets_, 0, 2}, {loop_, random_, sockets_, 1, 2}}});
  }

  std::string folder_;
  ServeOptions options_;
  ManualClock clock_;
  SeededRandom random_{3};
  test::ManualLoop loop_{clock_};
  NoSockets sockets_;
  proxy::Upstreams upstreams_;
  telemetry::Metrics metrics_{{"messaging"}, 1};
  std::unique_ptr<storage::Store> store_;
  config::Config running_;
  std::unique_ptr<Tables> tables_;
  std::unique_ptr<TokenIssuers> issuers_;
};

TEST_F(ReloadTest, EachWorkerGetsItsOwnOfTheNewConfiguration) {
  write(std::string(kPlain) + "[[api]]\nname = \"b\"\n[[api.host]]\nhost = \"b.test\"\n");
  const auto next = prepare();
  ASSERT_TRUE(next) << next.error().message;
  ASSERT_EQ(next->generations.size(), 2U);
  EXPECT_NE(next->generations[0]->router, next->generations[1]->router);
  EXPECT_NE(next->generations[0]->router->host("b.test"), nullptr);
  EXPECT_TRUE(next->takes_restart.empty());
  EXPECT_EQ(tables_->policy.catalog().apis(), (std::vector<std::string>{"messaging", "b"}));
}

TEST_F(ReloadTest, WhatABadFileSaysIsForgotten) {
  write(std::string(kPlain) + "[[api]]\nname = \"b\"\n[limits]\nhead_bytes = 1\n");
  const auto next = prepare();
  ASSERT_FALSE(next);
  EXPECT_NE(next.error().message.find("limits.head_bytes"), std::string::npos);
  EXPECT_NE(next.error().message.find("[[api.host]]"), std::string::npos);
  EXPECT_EQ(tables_->policy.catalog().apis().size(), 1U);
}

TEST_F(ReloadTest, AnotherPortWaitsForTheNextStart) {
  std::string text = kPlain;
  text.replace(text.find("8080"), 4, "8081");
  write(text);
  const auto next = prepare();
  ASSERT_TRUE(next) << next.error().message;
  EXPECT_EQ(next->takes_restart, std::vector<std::string>{"listener[0].port: 8080 -> 8081"});
  EXPECT_EQ(next->config->listeners[0].port, 8080);
}

TEST(WorkerTerms, OneSourceLeavesAQuarterToTheOthers) {
  config::Config config;
  http::SourceLimit sources;
  config.server.max_connections = 8;
  EXPECT_EQ(worker_terms(config, 2, sources).max_connections, 4U);
  const IpAddress address = *IpAddress::parse("192.0.2.1");
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(sources.enter(address)) << i;
  EXPECT_FALSE(sources.enter(address));
  config.server.max_connections_per_source = 7;
  worker_terms(config, 2, sources);
  EXPECT_TRUE(sources.enter(address));
  EXPECT_FALSE(sources.enter(address));
}

TEST_F(ReloadTest, NamesWithoutEndAreAnEnd) {
  for (std::size_t i = 0; i <= telemetry::Metrics::kRoomForApis; ++i) {
    write(std::string(kPlain) + "[[api]]\nname = \"b" + std::to_string(i) +
          "\"\n[[api.host]]\nhost = \"b.test\"\n");
    const auto next = prepare();
    ASSERT_EQ(next.has_value(), i < telemetry::Metrics::kRoomForApis) << i;
  }
}

}  // namespace
}  // namespace sallyport::server
