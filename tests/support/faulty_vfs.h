// A SQLite VFS that passes everything on to the usual one, until it is told to fail writes or syncs
// with a code of SQLite's (SQLITE_IOERR_WRITE, SQLITE_FULL, ...). Owned by a test and outliving
// every connection that names it. fail_*() and heal() from any thread.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <string>

namespace sallyport::test {

class FaultyVfs {
 public:
  FaultyVfs();
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;
  ~FaultyVfs();

  const std::string& name() const { return name_; }

  // After `good` more of them have succeeded, each write (sync) fails with `code`.
  void fail_writes(int code, int good = 0);
  void fail_syncs(int code, int good = 0);
  void heal();
  int syncs() const { return syncs_; }  // that were asked for, whether or not they succeeded

 private:
  struct Methods;
  friend struct Methods;
  struct Fault {
    std::atomic<int> code = SQLITE_OK;
    std::atomic<int> good = 0;
    int next();  // the code that this operation meets
  };

  std::string name_;
  sqlite3_vfs vfs_{};
  sqlite3_vfs* usual_;
  Fault writes_;
  Fault sync_faults_;
  std::atomic<int> syncs_ = 0;
};

}  // namespace sallyport::test
