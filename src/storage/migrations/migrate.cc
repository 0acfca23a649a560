#include "storage/migrations/migrate.h"

#include <string>

#include "base/log.h"

namespace sallyport::storage {
namespace {

const Migration kMigrations[] = {
    {1, "first", kMigration0001First},
    {2, "delivery", kMigration0002Delivery},
    {3, "familiar sources", kMigration0003FamiliarSources},
    {4, "limits", kMigration0004Limits},
    {5, "role_shadow", kMigration0005RoleShadow},
    {6, "sms", kMigration0006Sms},
    {7, "receipts", kMigration0007Receipts},
};

Result<void> apply_one(Database& database, const Migration& migration) {
  if (auto begun = database.execute("BEGIN EXCLUSIVE"); !begun) return begun;
  const std::string number = std::to_string(migration.number);
  auto done = database.execute(migration.script);
  if (done) {
    done = database.run("INSERT INTO schema_migration (number, name) VALUES (?, ?)",
                        migration.number, migration.name);
  }
  if (done) {
    done = database.execute("PRAGMA application_id = " + std::to_string(kApplicationId) +
                            "; PRAGMA user_version = " + number + "; COMMIT");
  }
  if (done) return {};
  if (database.in_transaction()) {
    if (auto back = database.execute("ROLLBACK"); !back) log::error(back.error().message);
  }
  return fail(done.error().kind, "migration " + number + " (" + migration.name +
                                     ") of the store failed: " + done.error().message);
}

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

std::int32_t newest_schema() { return kMigrations[std::size(kMigrations) - 1].number; }

Result<void> check_schema(Database& database) {
  auto id = database.integer("PRAGMA application_id");
  if (!id) return std::unexpected(id.error());
  if (*id != kApplicationId) return fail(ErrorKind::Invalid, "it is not a Sallyport store");
  auto version = database.integer("PRAGMA user_version");
  if (!version) return std::unexpected(version.error());
  if (version->value_or(0) > newest_schema()) {
    return fail(ErrorKind::Unsupported,
                "its schema is number " + std::to_string(**version) +
                    ", written by a newer Sallyport; this one knows schemas up to number " +
                    std::to_string(newest_schema()));
  }
  return {};
}

Result<void> migrate(Database& database) {
  auto version = database.integer("PRAGMA user_version");
  if (!version) return std::unexpected(version.error());
  for (const Migration& migration : kMigrations) {
    if (migration.number <= version->value_or(0)) continue;
    if (auto applied = apply_one(database, migration); !applied) return applied;
  }
  return {};
}

}  // namespace sallyport::storage
