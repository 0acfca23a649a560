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
  ASSERT_EQ(config->listeners.size(), 2U) << "a refusing listener is added";
  EXPECT_EQ(config->listeners[0].port, 1);
  EXPECT_EQ(config->listeners[1].kind, config::ListenerKind::Refuse);
  EXPECT_EQ(config->listeners[1].port, 2);
  EXPECT_EQ(config->telemetry.port, 3);

  const auto untouched = load_configuration({directory_, {}, {}, {}});
  ASSERT_TRUE(untouched);
  EXPECT_EQ(untouched->listeners.size(), 1U);
  EXPECT_EQ(untouched->listeners[0].port, 8443);
}

TEST_F(ConfigurationTest, EveryProblemIsToldAndNothingServed) {
  write(std::string(kGood) + "[limts]\nx = 1\n[server]\nworkerz = 2\n");
  const auto config = load_configuration({directory_, {}, {}, {}});
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().message.find("limts"), std::string::npos);
  EXPECT_NE(config.error().message.find("workerz"), std::string::npos);
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
