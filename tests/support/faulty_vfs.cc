#include "support/faulty_vfs.h"

namespace sallyport::test {
namespace {

// SQLite gives memory for this with room behind it for the usual VFS's own file.
struct File {
  sqlite3_file base;
  FaultyVfs* owner;
  sqlite3_file* usual() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

}  // namespace

int FaultyVfs::Fault::next() {
  const int now = code.load();
  if (now == SQLITE_OK) return SQLITE_OK;
  return good.fetch_sub(1) > 0 ? SQLITE_OK : now;
}

struct FaultyVfs::Methods {
  static File* file(sqlite3_file* handle) { return reinterpret_cast<File*>(handle); }
  static sqlite3_file* usual(sqlite3_file* handle) { return file(handle)->usual(); }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* handle, int flags,
                  int* out_flags) {
    auto* owner = static_cast<FaultyVfs*>(vfs->pAppData);
    auto* opened = file(handle);
    opened->owner = owner;
    opened->base.pMethods = nullptr;
    const int code = owner->usual_->xOpen(owner->usual_, name, opened->usual(), flags, out_flags);
    if (code == SQLITE_OK) opened->base.pMethods = &kFile;
    return code;
  }
  static int write(sqlite3_file* f, const void* bytes, int count, sqlite3_int64 at) {
    if (const int code = file(f)->owner->writes_.next(); code != SQLITE_OK) return code;
    return usual(f)->pMethods->xWrite(usual(f), bytes, count, at);
  }
  static int sync(sqlite3_file* f, int flags) {
    FaultyVfs* owner = file(f)->owner;
    ++owner->syncs_;
    if (const int code = owner->sync_faults_.next(); code != SQLITE_OK) return code;
    return usual(f)->pMethods->xSync(usual(f), flags);
  }
  static int close(sqlite3_file* f) { return usual(f)->pMethods->xClose(usual(f)); }
  static int read(sqlite3_file* f, void* bytes, int count, sqlite3_int64 at) {
    return usual(f)->pMethods->xRead(usual(f), bytes, count, at);
  }
  static int truncate(sqlite3_file* f, sqlite3_int64 size) {
    return usual(f)->pMethods->xTruncate(usual(f), size);
  }
  static int file_size(sqlite3_file* f, sqlite3_int64* size) {
    return usual(f)->pMethods->xFileSize(usual(f), size);
  }
  static int lock(sqlite3_file* f, int level) { return usual(f)->pMethods->xLock(usual(f), level); }
  static int unlock(sqlite3_file* f, int level) {
    return usual(f)->pMethods->xUnlock(usual(f), level);
  }
  static int check_lock(sqlite3_file* f, int* reserved) {
    return usual(f)->pMethods->xCheckReservedLock(usual(f), reserved);
  }
  static int control(sqlite3_file* f, int operation, void* argument) {
    return usual(f)->pMethods->xFileControl(usual(f), operation, argument);
  }
  static int sector_size(sqlite3_file* f) { return usual(f)->pMethods->xSectorSize(usual(f)); }
  static int traits(sqlite3_file* f) {
    return usual(f)->pMethods->xDeviceCharacteristics(usual(f));
  }
  static int shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
    return usual(f)->pMethods->xShmMap(usual(f), page, size, extend, out);
  }
  static int shm_lock(sqlite3_file* f, int offset, int count, int flags) {
    return usual(f)->pMethods->xShmLock(usual(f), offset, count, flags);
  }
  static void shm_barrier(sqlite3_file* f) { usual(f)->pMethods->xShmBarrier(usual(f)); }
  static int shm_unmap(sqlite3_file* f, int remove) {
    return usual(f)->pMethods->xShmUnmap(usual(f), remove);
  }

  static constexpr sqlite3_io_methods kFile = {
      .iVersion = 2,
      .xClose = close,
      .xRead = read,
      .xWrite = write,
      .xTruncate = truncate,
      .xSync = sync,
      .xFileSize = file_size,
      .xLock = lock,
      .xUnlock = unlock,
      .xCheckReservedLock = check_lock,
      .xFileControl = control,
      .xSectorSize = sector_size,
      .xDeviceCharacteristics = traits,
      .xShmMap = shm_map,
      .xShmLock = shm_lock,
      .xShmBarrier = shm_barrier,
      .xShmUnmap = shm_unmap,
      .xFetch = nullptr,
      .xUnfetch = nullptr,
  };
};

FaultyVfs::FaultyVfs() {
  static std::atomic<int> count = 0;
  name_ = "faulty-" + std::to_string(++count);
  sqlite3_initialize();
  usual_ = sqlite3_vfs_find(nullptr);
  vfs_ = *usual_;  // its other methods do not look at the VFS they are called on
  vfs_.szOsFile = static_cast<int>(sizeof(File)) + usual_->szOsFile;
  vfs_.pNext = nullptr;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = Methods::open;
  sqlite3_vfs_register(&vfs_, 0);
}

FaultyVfs::~FaultyVfs() { sqlite3_vfs_unregister(&vfs_); }

void FaultyVfs::fail_writes(int code, int good) {
  writes_.good = good;
  writes_.code = code;
}

void FaultyVfs::fail_syncs(int code, int good) {
  sync_faults_.good = good;
  sync_faults_.code = code;
}

void FaultyVfs::heal() {
  writes_.code = SQLITE_OK;
  sync_faults_.code = SQLITE_OK;
}

}  // namespace sallyport::test
