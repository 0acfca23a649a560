#include "base/whole_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace sallyport {
namespace {

class WholeFileTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string content() const {
    std::ifstream file(path_);
    std::ostringstream out;
    out << file.rdbuf();
    return out.str();
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_),
                                                  std::filesystem::directory_iterator{}));
  }
  const std::string folder_ = testing::TempDir() + std::to_string(::getpid()) + "-whole_file";
  const std::string path_ = folder_ + "/file";
};

TEST_F(WholeFileTest, ReplacesAndLeavesNothingBeside) {
  ASSERT_TRUE(write_whole_file(path_, "one"));
  ASSERT_TRUE(write_whole_file(path_, "two"));
  EXPECT_EQ(content(), "two");
  EXPECT_EQ(files(), 1U);
  struct stat found{};
  ASSERT_EQ(::stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
}

TEST_F(WholeFileTest, AFailureKeepsTheOldFileAndNamesIt) {
  const auto nowhere = write_whole_file(folder_ + "/no/such/folder", "x");
  ASSERT_FALSE(nowhere);
  EXPECT_NE(nowhere.error().message.find("/no/such/folder: open: "), std::string::npos);

  std::filesystem::create_directories(path_ + "/occupied");
  EXPECT_FALSE(write_whole_file(path_, "x")) << "a folder stands in its place";
  EXPECT_EQ(files(), 1U) << "the temporary file is gone";
}

TEST_F(WholeFileTest, ALinkLaidInTheWayIsNotFollowed) {
  const std::string victim = folder_ + "/victim";
  std::ofstream(victim) << "precious";
  std::filesystem::create_symlink(victim, path_ + ".tmp");
  EXPECT_FALSE(write_whole_file(path_, "x"));
  std::ifstream file(victim);
  std::string line;
  std::getline(file, line);
  EXPECT_EQ(line, "precious");
}

}  // namespace
}  // namespace sallyport
