#include "storage/migrations/migrate.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

TEST(SmsSchema, HasTheIndexesThatItsLookUpsNeed) {
  const Directory directory;
  auto database = open_schema(directory);
  const auto plan_uses = [&](Sql sql, std::string_view index) {
    std::string plan;
    auto done = database->each(sql, [&plan](const Statement& row) -> Result<void> {
      plan += row.text(3);
      return {};
    });
    EXPECT_TRUE(done);
    EXPECT_NE(plan.find(index), std::string::npos) << plan;
  };
  plan_uses("EXPLAIN QUERY PLAN SELECT 1 FROM sms_part WHERE smsc = 'a' AND id_key = '1'",
            "sms_part_id");
  plan_uses("EXPLAIN QUERY PLAN SELECT max(accepted_us) FROM sms_part WHERE number = '+61'",
            "sms_part_number");
  plan_uses("EXPLAIN QUERY PLAN SELECT 1 FROM sms_stop WHERE number = '+61'", "PRIMARY KEY");
  plan_uses("EXPLAIN QUERY PLAN DELETE FROM sms_orphan WHERE received_us < 5",
            "sms_orphan_received");
}

}  // namespace
}  // namespace sallyport::storage
