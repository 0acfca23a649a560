#include "storage/migrations/migrate.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

TEST(FamiliarSourcesSchema, ASourceGoesWithItsUser) {
  const Directory directory;
  const auto database = open_schema(directory);
  ASSERT_TRUE(database->execute(
      "INSERT INTO account VALUES (1, 'a', 'active', 'UTC', 0, 0);"
      "INSERT INTO user VALUES (2, 1, 'u', 'u', '', 1, 'active', '', '', '', 0, 0, 0);"
      "INSERT INTO familiar_source VALUES (2, 3, 4);"
      "DELETE FROM user"));
  EXPECT_EQ(database->integer("SELECT count(*) FROM familiar_source").value(), 0);
  EXPECT_FALSE(database->execute("INSERT INTO familiar_source VALUES (9, 3, 4)"));
}

}  // namespace
}  // namespace sallyport::storage
