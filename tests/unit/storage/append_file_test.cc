#include "storage/append_file.h"

#include <fstream>

#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

TEST(AppendFile, KeepsWholeLines) {
  const Directory directory;
  AppendFile file(directory.file("x.log"));
  EXPECT_TRUE(file.lines().value().empty()) << "there is no file";
  ASSERT_TRUE(file.append("one\n"));
  ASSERT_TRUE(file.append("two\nthree\n"));
  ASSERT_TRUE(file.append("")) << "nothing to do";
  EXPECT_EQ(file.lines().value(), (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(std::filesystem::status(file.path()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(AppendFile, ALineCutShortSpoilsNoOther) {
  const Directory directory;
  AppendFile file(directory.file("x.log"));
  ASSERT_TRUE(file.append("one\n"));
  std::ofstream(file.path(), std::ios::app) << "tw";
  EXPECT_EQ(file.lines().value(), (std::vector<std::string>{"one"}));
  ASSERT_TRUE(file.append("three\n"));
  EXPECT_EQ(file.lines().value().back(), "three");
}

TEST(AppendFile, SaysWhatCannotBeWritten) {
  const Directory directory;
  AppendFile file(directory.file("no/such/folder"));
  const auto done = file.append("x\n");
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::Unavailable);
  EXPECT_NE(done.error().message.find("no/such/folder"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::storage
