#include "server/configuration.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace sallyport::server {
namespace {

class ConfigurationTest : public testing::Test {
 protected:
  void write(const std::string& text) {
    std::filesystem::create_directories(directory_);
    std::ofstream(directory_ + "/sallyport.toml") << text;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  const std::string directory_ =
      testing::TempDir() + std::to_string(::getpid()) + "-configuration_test";
};

constexpr const char* kGood =
    "[[listener]]\nkind = \"tls\"\nport = 8443\ncertificate = \"c.pem\"\nkey = \"k.pem\"\n"
    "[[api]]\nname = \"messaging\"\n[[api.host]]\nhost = \"localhost\"\n";

TEST_F(ConfigurationTest, PortsOfTheCommandLineWin) {
  write(kGood);
  ServeOptions options{directory_, 1, 2, 3};
  const auto config = load_configuration(options);
  ASSERT_TRUE(config) << config.error().message;
  ASSERT_EQ(config->config.listeners.size(), 2U) << "a refusing listener is added";
  EXPECT_EQ(config->config.listeners[0].port, 1);
  EXPECT_EQ(config->config.listeners[1].kind, config::ListenerKind::Refuse);
  EXPECT_EQ(config->config.listeners[1].port, 2);
  EXPECT_EQ(config->config.telemetry.port, 3);
  EXPECT_EQ(config->text, kGood);

  const auto untouched = load_configuration({directory_, {}, {}, {}});
  ASSERT_TRUE(untouched);
  EXPECT_EQ(untouched->config.listeners.size(), 1U);
  EXPECT_EQ(untouched->config.listeners[0].port, 8443);
}

TEST_F(ConfigurationTest, EveryProblemIsToldAndNothingServed) {
  write(std::string(kGood) + "[limts]\nx = 1\n[server]\nworkerz = 2\n");
  const auto config = load_configuration({directory_, {}, {}, {}});
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().message.find("limts"), std::string::npos);
  EXPECT_NE(config.error().message.find("workerz"), std::string::npos);
}

TEST_F(ConfigurationTest, ReadAgainItsFilesAreLookedAtToo) {
  write(kGood);
  const ServeOptions options{directory_, {}, {}, {}};
  EXPECT_TRUE(load_configuration(options));
  const auto again = load_configuration_again(options, ManualClock());
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message.find("c.pem"), std::string::npos) << again.error().message;
  EXPECT_NE(again.error().message.find("k.pem"), std::string::npos) << "each problem";
}

TEST(TakesRestart, WhatOnlyAStartTakesUpIsNamedWithBothValues) {
  const std::string changed = std::string(kGood) +
                              "[server]\nworkers = 3\nmax_connections = 9\n"
                              "[telemetry]\nport = 1\n[limits]\nhead_bytes = 2048\n";
  EXPECT_EQ(takes_restart(kGood, changed),
            (std::vector<std::string>{"server.workers: (not set) -> 3",
                                      "telemetry.port: (not set) -> 1"}));
  std::string moved = kGood;
  moved.replace(moved.find("8443"), 4, "9443");
  EXPECT_EQ(takes_restart(kGood, moved),
            std::vector<std::string>{"listener[0].port: 8443 -> 9443"});
  EXPECT_TRUE(takes_restart(kGood, kGood).empty());
}

TEST(WithoutRestart, ListenersStayAndTheirCertificatesChange) {
  config::Config running;
  running.listeners.resize(2);
  running.listeners[0].port = 8443;
  running.listeners[0].certificate = "old";
  running.listeners[1].port = 9443;
  running.listeners[1].certificate = "kept";
  running.server.workers = 2;
  config::Config next;
  next.listeners.resize(2);
  next.listeners[0].port = 7443;
  next.listeners[0].certificate = "of a new one";
  next.listeners[1].port = 8443;
  next.listeners[1].certificate = "new";
  next.limits.head_bytes = 2048;
  const config::Config merged = without_restart(running, next);
  ASSERT_EQ(merged.listeners.size(), 2U);
  EXPECT_EQ(merged.listeners[0].certificate, "new");
  EXPECT_EQ(merged.listeners[1].certificate, "kept") << "still open, so still served";
  EXPECT_EQ(merged.server.workers, 2U);
  EXPECT_EQ(merged.limits.head_bytes, 2048U);
}

TEST_F(ConfigurationTest, LocalAddresses) {
  config::Listener listener;
  for (const auto& [address, local] :
       {std::pair{"127.0.0.1", true}, std::pair{"::1", true}, std::pair{"unix:/x", true},
        std::pair{"0.0.0.0", false}, std::pair{"192.0.2.1", false}, std::pair{"::", false}}) {
    listener.address = address;
    EXPECT_EQ(is_local(listener), local) << address;
  }
}

}  // namespace
}  // namespace sallyport::server
