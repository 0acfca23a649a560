#include "storage/entity_put.h"
#include "storage/message_rows.h"
#include "storage/migrations/migrate.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

TEST(ReceiptsSchema, WhatWasThereSaysNothing) {
  const Directory directory;
  auto database = open_schema(directory);
  ASSERT_TRUE(write_entities(*database, small_world()));
  ASSERT_TRUE(insert_message(*database, sample_message(1), {}));
  const auto said = database->integer("SELECT type + receipts FROM message_content");
  EXPECT_EQ(said.value_or(-1), 0);
}

}  // namespace
}  // namespace sallyport::storage
