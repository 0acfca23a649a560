#include "admin/demo.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "admin/secrets_directory.h"
#include "base/whole_file.h"

namespace sallyport::admin {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

class DemoTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    ASSERT_TRUE(make_secrets_directory(directory_, random_));
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  const std::string directory_ = testing::TempDir() + std::to_string(::getpid()) + "-demo_test";
  SeededRandom random_{7};
  ManualClock clock_;
};

TEST_F(DemoTest, WritesItsFilesFromTheSealedSecrets) {
  const Demo demo = make_demo("messaging", clock_, random_);
  EXPECT_FALSE(has_demo(directory_));
  ASSERT_TRUE(save_demo_secrets(directory_, demo.secrets, random_));
  EXPECT_TRUE(has_demo(directory_));
  const std::string key(demo.secrets.api_key.reveal());
  EXPECT_EQ(content_of(directory_ + "/secrets/demo.sealed").find(key), std::string::npos);

  for (const char* url : {"https://localhost:1", "https://localhost:2"}) {
    ASSERT_TRUE(write_demo_files(directory_, url, "http://m/metrics", directory_ + "/outbox",
                                 directory_ + "/access.log"));
    const std::string json = content_of(directory_ + "/demo.json");
    EXPECT_NE(json.find("\"url\":\"" + std::string(url) + "\""), std::string::npos);
    for (const char* name :
         {"ca", "api_key", "inactive_api_key", "username", "password", "restricted_username",
          "restricted_password", "admin_socket", "metrics_url", "outbox", "access_log"}) {
      EXPECT_NE(json.find("\"" + std::string(name) + "\":"), std::string::npos) << name;
    }
    EXPECT_NE(json.find(key), std::string::npos);
  }
  for (const char* name :
       {"ok", "wrong-key", "inactive-key", "wrong-password", "restricted", "send", "send-xml"}) {
    const std::string path = directory_ + "/demo/" + name + ".curl";
    struct stat found{};
    ASSERT_EQ(::stat(path.c_str(), &found), 0) << path;
    EXPECT_EQ(found.st_mode & 0777U, 0600U);
    EXPECT_NE(content_of(path).find("url = \"https://localhost:2/"), std::string::npos);
  }
  for (const std::string& line : demo_lines(directory_)) {
    EXPECT_EQ(line.find(key), std::string::npos);
    EXPECT_NE(line.find("curl -K "), std::string::npos);
  }
}

TEST_F(DemoTest, AnotherStoreKeyOpensNothing) {
  const Demo demo = make_demo("messaging", clock_, random_);
  ASSERT_TRUE(save_demo_secrets(directory_, demo.secrets, random_));
  ASSERT_TRUE(write_whole_file(directory_ + "/secrets/store.key", std::string(64, 'a') + "\n"));
  const auto written = write_demo_files(directory_, "https://x", "", "o", "a");
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("sealed"), std::string::npos);
}

TEST_F(DemoTest, TheRestrictedUserMayReadAndNotSend) {
  const Demo demo = make_demo("messaging", clock_, random_);
  for (const Entity& entity : demo.change.put) {
    const auto* role = std::get_if<Role>(&entity);
    if (role == nullptr || role->name != "reader") continue;
    for (const Permission& permission : role->permissions) {
      EXPECT_NE(permission.match.operation, "messages.create");
      EXPECT_NE(permission.match.operation, "*");
    }
  }
}

}  // namespace
}  // namespace sallyport::admin
