#include "storage/migrations/migrate.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

TEST(RoleShadowSchema, ARoleFromBeforeHasNoCandidate) {
  const Directory directory;
  auto database = open_schema(directory);
  ASSERT_TRUE(database->execute("INSERT INTO role (id, name, created_us) VALUES (7, 'reader', 1)"));
  EXPECT_EQ(**database->integer("SELECT shadow_until_us FROM role WHERE id = 7"), 0);
  ASSERT_TRUE(database->execute(
      "INSERT INTO role_shadow VALUES (7, 0, 'messaging', 'messages.list', '', '', 1)"));
  ASSERT_TRUE(database->execute("DELETE FROM role WHERE id = 7"));
  EXPECT_EQ(**database->integer("SELECT count(*) FROM role_shadow"), 0) << "it goes with the role";
}

}  // namespace
}  // namespace sallyport::storage
