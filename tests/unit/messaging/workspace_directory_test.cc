#include "messaging/workspace_directory.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::messaging {
namespace {

Workspace workspace(std::uint64_t account, std::uint64_t id, bool is_default = false) {
  Workspace made;
  made.id = WorkspaceId{id};
  made.account = AccountId{account};
  made.project_name = "W" + std::to_string(id);
  made.is_default = is_default;
  made.created_us = static_cast<std::int64_t>(id);
  return made;
}

class WorkspaceTableTest : public testing::Test {
 protected:
  WorkspaceTableTest() {
    table_.load({workspace(1, 12), workspace(1, 11, true), workspace(2, 21)});
  }
  ImmediateReclaimer reclaimer_;
  WorkspaceTable table_{reclaimer_};
};

TEST_F(WorkspaceTableTest, ListsInTheOrderOfMaking) {
  const auto listed = table_.list(AccountId{1});
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].id, WorkspaceId{11});
  EXPECT_EQ(listed[1].id, WorkspaceId{12});
  EXPECT_TRUE(table_.list(AccountId{9}).empty());
}

TEST_F(WorkspaceTableTest, FindsOnlyWithinTheAccount) {
  EXPECT_TRUE(table_.find(AccountId{2}, WorkspaceId{21}));
  EXPECT_FALSE(table_.find(AccountId{1}, WorkspaceId{21})) << "another account's";
  EXPECT_FALSE(table_.find(AccountId{1}, WorkspaceId{99}));
  EXPECT_FALSE(table_.find(AccountId{9}, WorkspaceId{11}));
}

TEST_F(WorkspaceTableTest, KnowsTheDefault) {
  EXPECT_EQ(table_.default_of(AccountId{1})->id, WorkspaceId{11});
  EXPECT_FALSE(table_.default_of(AccountId{2}));
  EXPECT_FALSE(table_.default_of(AccountId{9}));
}

TEST_F(WorkspaceTableTest, FollowsChanges) {
  Change change;
  change.put.push_back(workspace(3, 31, true));
  Workspace renamed = workspace(1, 12);
  renamed.project_name = "other";
  change.put.push_back(renamed);
  change.remove.push_back(workspace(1, 11));
  change.remove.push_back(workspace(1, 77));  // never was
  Account gone;
  gone.id = AccountId{2};
  change.remove.push_back(gone);
  table_.apply(change);
  EXPECT_TRUE(table_.find(AccountId{3}, WorkspaceId{31}));
  EXPECT_EQ(table_.find(AccountId{1}, WorkspaceId{12})->project_name, "other");
  EXPECT_FALSE(table_.find(AccountId{1}, WorkspaceId{11}));
  EXPECT_TRUE(table_.list(AccountId{2}).empty());
}

}  // namespace
}  // namespace sallyport::messaging
