#include "admin/store_commands.h"

#include "support/command_line.h"

namespace sallyport::admin {
namespace {

class StoreCommands : public test::CommandLineFixture {
 protected:
  StoreCommands() {
    composition.store_files.backup = [this](const std::string&,
                                            const std::string& file) -> Result<BackupResult> {
      if (there) return fail(ErrorKind::Conflict, file + ": there is such a file already");
      return BackupResult{4096, 3};
    };
    composition.store_files.restore = [this](const std::string&, const std::string&, const Secret&,
                                             const std::string&) -> Result<RestoreResult> {
      if (locked) return fail(ErrorKind::Conflict, "the store in D is held by process 17");
      return RestoreResult{2, 5, 3, "D/sallyport.db.before-restore"};
    };
    init();
  }
  bool there = false;
};

TEST_F(StoreCommands, ABackupSaysWhatItIs) {
  EXPECT_EQ(run({"backup", "b.db"}), kDone);
  EXPECT_NE(out.str().find("b.db: 4096 bytes, 3 rows of the audit log"), std::string::npos);
  EXPECT_EQ(run({"backup", "b.db", "--json"}), kDone);
  EXPECT_EQ(out.str(), "{\"file\":\"b.db\",\"bytes\":4096,\"audit_rows\":3}\n");
  there = true;
  EXPECT_EQ(run({"backup", "b.db"}), kRefused);
  EXPECT_EQ(err.str(), "sallyport: b.db: there is such a file already\n");
  EXPECT_EQ(run({"backup"}), kBadUsage);
}

TEST_F(StoreCommands, ARestoreNeedsTheStoreForItself) {
  EXPECT_EQ(run({"restore", "b.db"}), kDone);
  EXPECT_NE(out.str().find("Ended since then, and so kept ended: 2."), std::string::npos);
  locked = true;
  EXPECT_EQ(run({"restore", "b.db"}), kRefused);
  EXPECT_EQ(err.str(),
            "sallyport: the store in D is held by process 17; stop it first, then restore\n");
}

TEST_F(StoreCommands, ARestoreNeedsTheKeysOfTheDirectory) {
  std::filesystem::remove(directory + "/secrets/audit.key");
  EXPECT_EQ(run({"restore", "b.db"}), kRefused);
  EXPECT_NE(err.str().find("audit.key"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::admin
