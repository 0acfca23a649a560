#include "admin/secrets_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/whole_file.h"

namespace sallyport::admin {
namespace {

class SecretsDirectoryTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  const std::string directory_ =
      testing::TempDir() + std::to_string(::getpid()) + "-secrets_directory_test";
  SeededRandom random_{1};
};

TEST_F(SecretsDirectoryTest, MakesKeysThatOnlyTheOwnerReads) {
  ASSERT_TRUE(make_secrets_directory(directory_, random_));
  ASSERT_TRUE(check_secrets_directory(directory_));
  const auto store = load_secret_key(directory_, kStoreKey);
  const auto audit = load_secret_key(directory_, kAuditKey);
  ASSERT_TRUE(store && audit);
  EXPECT_EQ(store->size(), 32U);
  EXPECT_FALSE(equal_constant_time(store->reveal(), audit->reveal()));
  EXPECT_FALSE(make_secrets_directory(directory_, random_)) << "never written over";
}

TEST_F(SecretsDirectoryTest, RefusesWhatOthersCanRead) {
  ASSERT_TRUE(make_secrets_directory(directory_, random_));
  for (const std::string& name : {std::string("secrets"), std::string("secrets/store.key")}) {
    const std::string path = directory_ + "/" + name;
    struct stat before{};
    ASSERT_EQ(::stat(path.c_str(), &before), 0);
    ::chmod(path.c_str(), before.st_mode | 0040U);
    const auto checked = check_secrets_directory(directory_);
    ASSERT_FALSE(checked) << name;
    EXPECT_NE(checked.error().message.find(path), std::string::npos);
    ::chmod(path.c_str(), before.st_mode);
  }
  EXPECT_TRUE(check_secrets_directory(directory_));
  std::filesystem::remove_all(directory_ + "/secrets");
  EXPECT_FALSE(check_secrets_directory(directory_)) << "missing";
}

TEST_F(SecretsDirectoryTest, AGarbledKeyIsNotRepeated) {
  ASSERT_TRUE(make_secrets_directory(directory_, random_));
  const std::string path = directory_ + "/secrets/store.key";
  ASSERT_TRUE(write_whole_file(path, "half-a-secret"));
  const auto loaded = load_secret_key(directory_, kStoreKey);
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().message.find("half-a-secret"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::admin
