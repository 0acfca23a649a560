#include "storage/migrations/migrate.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

TEST(DeliverySchema, HasWhatDeliveriesNeed) {
  Directory directory;
  auto database = open_schema(directory);
  for (const char* table : {"attempt", "repetition", "send_count", "sender", "sending_rules"}) {
    auto found =
        database->query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?", table);
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->step().value()) << table;
  }
  auto columns = database->execute(
      "SELECT sender, sms_sender, kind, not_before_us, expires_us FROM message; "
      "SELECT unsubscribe_url, one_click FROM message_content");
  EXPECT_TRUE(columns) << columns.error().message;
}

}  // namespace
}  // namespace sallyport::storage
