// The binary: puts the folders together and hands the command line on.
#include <memory>
#include <utility>

#include "admin/cli.h"
#include "server/serve.h"
#include "storage/backup.h"
#include "storage/store.h"
#include "storage/store_file.h"

namespace {

using sallyport::Result;
using sallyport::Secret;

class StoreUnderLock final : public sallyport::admin::LockedStore {
 public:
  StoreUnderLock(sallyport::storage::StoreLock lock,
                 std::unique_ptr<sallyport::storage::Store> store)
      : lock_(std::move(lock)), store_(std::move(store)) {}
  sallyport::auth::EntityStore& entities() override { return *store_; }
  sallyport::limit::QuotaStore& quotas() override { return *store_; }
  sallyport::limit::UsageStore& usage() override { return *store_; }
  sallyport::messaging::OperatorStore* messages() override { return store_.get(); }

 private:
  sallyport::storage::StoreLock lock_;  // outlives the store
  std::unique_ptr<sallyport::storage::Store> store_;
};

Result<std::unique_ptr<sallyport::admin::LockedStore>> open_store(const std::string& directory,
                                                                  Secret audit_key) {
  auto lock = sallyport::storage::StoreLock::take(directory);
  if (!lock) return std::unexpected(lock.error());
  auto store = sallyport::storage::Store::open(
      sallyport::storage::store_options(directory, std::move(audit_key)));
  if (!store) return std::unexpected(store.error());
  return std::make_unique<StoreUnderLock>(std::move(*lock), std::move(*store));
}

Result<std::unique_ptr<sallyport::auth::EntityStore>> create_store(const std::string& path,
                                                                   Secret audit_key) {
  auto store = sallyport::storage::Store::create({path, std::move(audit_key)});
  if (!store) return std::unexpected(store.error());
  return std::unique_ptr<sallyport::auth::EntityStore>(std::move(*store));
}

Result<sallyport::admin::BackupResult> backup(const std::string& directory,
                                              const std::string& file) {
  const auto made = sallyport::storage::backup_store(directory, file);
  if (!made) return std::unexpected(made.error());
  return sallyport::admin::BackupResult{made->bytes, made->audit_rows};
}

Result<sallyport::admin::RestoreResult> restore(const std::string& directory,
                                                const std::string& file, const Secret& audit_key,
                                                const std::string& actor) {
  const auto lock = sallyport::storage::StoreLock::take(directory);
  if (!lock) return std::unexpected(lock.error());
  auto done = sallyport::storage::restore_store(directory, file, audit_key, actor);
  if (!done) return std::unexpected(done.error());
  return sallyport::admin::RestoreResult{done->ended, done->users, done->audit_rows,
                                         std::move(done->kept)};
}

int serve(const sallyport::admin::ServeFlags& flags) {
  return sallyport::server::serve(
      {flags.data_directory, flags.port, flags.plain_port, flags.metrics_port});
}

}  // namespace

int main(int argc, char** argv) {
  return sallyport::admin::run_cli(argc, argv,
                                   {serve, open_store, create_store, {backup, restore}});
}
