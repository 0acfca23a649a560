#include "storage/store_file.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

using Bend = std::function<void(const std::string& path)>;

void execute(const std::string& path, const std::string& script) {
  auto database = Database::open(path, Database::Access::ReadWrite, true);
  ASSERT_TRUE(database);
  ASSERT_TRUE((*database)->execute(script));
}

struct Refusal {
  const char* sentence;
  Bend bend;  // makes the good store at `path` one that must be refused
  ErrorKind kind;
  const char* reason;
};

TEST(OpenStoreFile, RefusesWithTheReason) {
  const Refusal cases[] = {
      {"a file that is not there", [](const auto& path) { std::filesystem::remove(path); },
       ErrorKind::NotFound, "there is no such file"},
      {"a directory under its name",
       [](const auto& path) {
         std::filesystem::remove(path);
         std::filesystem::create_directory(path);
       },
       ErrorKind::Invalid, "it is not a regular file"},
      {"group may read", [](const auto& path) { ::chmod(path.c_str(), 0640); }, ErrorKind::Denied,
       "its mode is 0640, open to group or world; it must be 0600"},
      {"the world may write", [](const auto& path) { ::chmod(path.c_str(), 0602); },
       ErrorKind::Denied, "its mode is 0602, open to group or world"},
      {"nobody may write", [](const auto& path) { ::chmod(path.c_str(), 0400); }, ErrorKind::Denied,
       "it is not writable, its mode is 0400"},
      {"an empty file", [](const auto& path) { std::ofstream(path, std::ios::trunc).flush(); },
       ErrorKind::Invalid, "it is not a Sallyport store"},
      {"a text file",
       [](const auto& path) { std::ofstream(path, std::ios::trunc) << std::string(4096, 'x'); },
       ErrorKind::Unavailable, "file is not a database"},
      {"another program's database",
       [](const auto& path) { execute(path, "PRAGMA application_id = 7"); }, ErrorKind::Invalid,
       "it is not a Sallyport store"},
      {"a newer schema", [](const auto& path) { execute(path, "PRAGMA user_version = 99"); },
       ErrorKind::Unsupported, "its schema is number 99, written by a newer Sallyport"},
  };
  for (const auto& row : cases) {
    const Directory directory;
    const std::string path = directory.file("sallyport.db");
    ASSERT_TRUE(create_store_file(path, audit_key()));
    row.bend(path);
    auto opened = open_store_file(path, {});
    ASSERT_FALSE(opened) << row.sentence;
    EXPECT_EQ(opened.error().kind, row.kind) << row.sentence << ": " << opened.error().message;
    EXPECT_TRUE(opened.error().message.starts_with("store " + path + ": ")) << row.sentence;
    EXPECT_NE(opened.error().message.find(row.reason), std::string::npos)
        << row.sentence << ": " << opened.error().message;
  }
}

TEST(OpenStoreFile, ARefusedFileIsLeftAsItWas) {
  const Directory directory;
  const std::string path = directory.file("sallyport.db");
  execute(path, "CREATE TABLE theirs (x); PRAGMA journal_mode = DELETE");
  ::chmod(path.c_str(), 0600);
  const auto size = std::filesystem::file_size(path);
  ASSERT_FALSE(open_store_file(path, {}));
  EXPECT_EQ(std::filesystem::file_size(path), size);
  EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
}

TEST(CreateStoreFile, MakesAFileThatOnlyItsOwnerCanRead) {
  const Directory directory;
  const std::string path = directory.file("sallyport.db");
  const mode_t before = ::umask(0);
  ASSERT_TRUE(create_store_file(path, audit_key()));
  ::umask(before);
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
  EXPECT_TRUE(open_store_file(path, {}));
}

TEST(CreateStoreFile, NeverReplacesOneThatIsThere) {
  const Directory directory;
  const std::string path = directory.file("sallyport.db");
  ASSERT_TRUE(create_store_file(path, audit_key()));
  auto again = create_store_file(path, audit_key());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::Conflict);
  EXPECT_TRUE(open_store_file(path, {}));
}

TEST(CreateStoreFile, IsNotStoppedByWhatACrashedOneLeft) {
  const Directory directory;
  const std::string path = directory.file("sallyport.db");
  std::ofstream(path + ".new") << "half";
  std::ofstream(path + ".new-wal") << "half";
  ASSERT_TRUE(create_store_file(path, audit_key()));
  for (const char* suffix : {".new", ".new-wal", ".new-shm"}) {
    EXPECT_FALSE(std::filesystem::exists(path + suffix)) << suffix;
  }
}

TEST(CreateStoreFile, SaysSoWhenThereIsNoDirectory) {
  const Directory directory;
  auto done = create_store_file(directory.file("none/sallyport.db"), audit_key());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::Unavailable);
}

TEST(StoreLock, ASecondOneIsRefusedAndNamesTheHolder) {
  const Directory directory;
  auto first = StoreLock::take(directory.path());
  ASSERT_TRUE(first) << first.error().message;
  auto second = StoreLock::take(directory.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::Conflict);
  EXPECT_EQ(second.error().message, "the store in " + directory.path() + " is held by process " +
                                        std::to_string(::getpid()));
}

TEST(StoreLock, IsFreeAgainWhenItsHolderGoes) {
  const Directory directory;
  {
    auto first = StoreLock::take(directory.path());
    ASSERT_TRUE(first);
    const StoreLock moved = std::move(*first);
    ASSERT_FALSE(StoreLock::take(directory.path()));
  }
  EXPECT_TRUE(StoreLock::take(directory.path()));
}

TEST(StoreLock, AHolderThatIsKilledDropsIt) {
  const Directory directory;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto held = StoreLock::take(directory.path());
    ::raise(held ? SIGKILL : SIGABRT);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(WTERMSIG(status), SIGKILL);
  EXPECT_TRUE(StoreLock::take(directory.path()));
}

}  // namespace
}  // namespace sallyport::storage
