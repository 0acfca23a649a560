#include "storage/familiar_rows.h"

#include "storage/entity_put.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

class FamiliarRows : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = open_schema(directory_);
    ASSERT_TRUE(write_entities(*database_, small_world()));
  }
  std::int64_t last_login() {
    return database_->integer("SELECT max(last_login_us) FROM user")->value_or(-1);
  }
  Directory directory_;
  std::unique_ptr<Database> database_;
};

TEST_F(FamiliarRows, AreReadBackAndRaiseTheLastLogin) {
  const auth::SourceSeen row{kUser, 0xFFFFFFFFFFFFFFFF, 1'000};
  ASSERT_TRUE(save_sources(*database_, {row, {UserId{0x4711}, 1, 1'000}}, 0));
  EXPECT_EQ(load_sources(*database_, 0).value(), std::vector{row}) << "and nobody who is not there";
  EXPECT_EQ(last_login(), 1'000);
  const auth::SourceSeen later{kUser, 0xFFFFFFFFFFFFFFFF, 2'000};
  ASSERT_TRUE(save_sources(*database_, {later}, 0));
  EXPECT_EQ(load_sources(*database_, 0).value(), std::vector{later});
  EXPECT_EQ(load_sources(*database_, 2'001).value().size(), 0U);
  EXPECT_EQ(last_login(), 2'000);
}

TEST_F(FamiliarRows, WhatIsOldIsForgotten) {
  ASSERT_TRUE(save_sources(*database_, {{kUser, 1, 1'000}, {kUser, 2, 5'000}}, 0));
  ASSERT_TRUE(save_sources(*database_, {}, 2'000));
  EXPECT_EQ(load_sources(*database_, 0).value().size(), 1U);
}

TEST_F(FamiliarRows, AChangeOfTheUserDoesNotSetTheLastLoginBack) {
  ASSERT_TRUE(save_sources(*database_, {{kUser, 1, 9'000'000'000'000'000}}, 0));
  ASSERT_TRUE(write_entities(*database_, small_world()));
  EXPECT_EQ(last_login(), 9'000'000'000'000'000);
}

}  // namespace
}  // namespace sallyport::storage
