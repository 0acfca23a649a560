#include "storage/migrations/migrate.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

TEST(LimitsSchema, KeepsTheMarksThatWereThere) {
  Directory directory;
  auto database = open_schema(directory);
  for (const char* column : {"period_end_us", "anchor", "time_zone", "granted", "epoch", "told"}) {
    auto found = database->query(
        "SELECT count(*) FROM pragma_table_info('quota_mark') WHERE name = ?", column);
    ASSERT_TRUE(found);
    ASSERT_TRUE(*found->step());
    EXPECT_EQ(found->integer(0), 1) << column;
  }
  EXPECT_TRUE(database->execute("SELECT kind, owner_id, n, concurrency FROM more_limits"));
}

}  // namespace
}  // namespace sallyport::storage
