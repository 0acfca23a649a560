#include "storage/entity_put.h"

#include <algorithm>

#include "storage/entity_load.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

class EntityPut : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = open_schema(directory_);
    auto made = write_entities(*database_, small_world());
    ASSERT_TRUE(made) << made.error().message;
  }
  Result<void> put(std::vector<Entity> entities) {
    Change change;
    change.put = std::move(entities);
    return write_entities(*database_, change);
  }
  Result<void> remove(std::vector<Entity> entities) {
    Change change;
    change.remove = std::move(entities);
    return write_entities(*database_, change);
  }
  std::int64_t count(Sql sql) { return database_->integer(sql).value().value(); }
  Directory directory_;
  std::unique_ptr<Database> database_;
};

ApiKey key(std::uint64_t id, std::uint8_t digest) {
  ApiKey made{.id = KeyId{id}, .subscription = kSubscription};
  made.digest.fill(digest);
  return made;
}

TEST_F(EntityPut, PutsInTheOrderOfReferencesWhateverTheOrderGiven) {
  auto backward = small_world().put;
  std::ranges::reverse(backward);
  const Directory other;
  auto database = open_schema(other);
  Change change;
  change.put = backward;
  auto done = write_entities(*database, change);
  EXPECT_TRUE(done) << done.error().message;
}

TEST_F(EntityPut, ReplacesWholeById) {
  ASSERT_TRUE(put({Role{.id = RoleId{1},
                        .account = kAccount,
                        .name = "a",
                        .permissions = {{Match{.api = "x", .operation = "y"}, true}}}}));
  ASSERT_TRUE(put({Role{.id = RoleId{1}, .account = kAccount, .name = "b"}}));
  auto all = load_entities(*database_);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->roles.size(), 1U);
  EXPECT_EQ(all->roles[0].name, "b");
  EXPECT_TRUE(all->roles[0].permissions.empty());
}

TEST_F(EntityPut, ReplacingAnApplicationKeepsItsKeys) {
  ASSERT_TRUE(put({key(1, 1)}));
  ASSERT_TRUE(put({Application{.id = kApplication, .account = kAccount, .name = "renamed"}}));
  EXPECT_EQ(count("SELECT count(*) FROM api_key"), 1);
}

struct Case {
  const char* sentence;
  Entity entity;
  ErrorKind kind;
  const char* text;
};

TEST_F(EntityPut, RefusesWithTheFieldThatIsWrong) {
  ASSERT_TRUE(put({key(1, 1), Developer{.id = DeveloperId{1}, .email = "a@example.test"},
                   Role{.id = RoleId{1}, .account = kAccount, .name = "reader"},
                   Role{.id = RoleId{2}, .account = {}, .name = "reader"}}));
  const Case cases[] = {
      {"an account's name twice", Account{.id = AccountId{77}, .name = "one"}, ErrorKind::Conflict,
       "account 000000000000004D: name: there is an account of this name"},
      {"a developer's address in other letters",
       Developer{.id = DeveloperId{2}, .email = "A@Example.test"}, ErrorKind::Conflict,
       "email: there is a developer with this address"},
      {"an application's name twice in the account",
       Application{.id = ApplicationId{7}, .account = kAccount, .name = "app"}, ErrorKind::Conflict,
       "name: the account has an application of this name"},
      {"a plan's name twice", Plan{.id = PlanId{7}, .name = "basic"}, ErrorKind::Conflict,
       "name: there is a plan of this name"},
      {"a user's name in other letters",
       User{.id = UserId{7}, .account = kAccount, .username = "aNN"}, ErrorKind::Conflict,
       "username: the account has a user of this name"},
      {"a role's name twice in the account",
       Role{.id = RoleId{7}, .account = kAccount, .name = "reader"}, ErrorKind::Conflict,
       "name: the account has a role of this name"},
      {"a role's name twice in the installation",
       Role{.id = RoleId{7}, .account = {}, .name = "reader"}, ErrorKind::Conflict,
       "name: the installation has a role of this name"},
      {"the same key twice", key(7, 1), ErrorKind::Conflict, "digest: this key is there already"},
      {"a second default workspace",
       Workspace{.id = WorkspaceId{7}, .account = kAccount, .is_default = true},
       ErrorKind::Conflict, "is_default: the account has a default workspace"},
      {"a developer in the same account twice",
       Developer{.id = DeveloperId{7},
                 .email = "b@example.test",
                 .accounts = {{kAccount, true}, {kAccount, false}}},
       ErrorKind::Conflict, "accounts: an account is named twice"},
      {"an application of no account",
       Application{.id = ApplicationId{7}, .account = AccountId{404}, .name = "x"},
       ErrorKind::NotFound, "application 0000000000000007: it refers to something that is not"},
      {"a user with a role that is not there",
       User{.id = UserId{7}, .account = kAccount, .username = "new", .roles = {{RoleId{404}, {}}}},
       ErrorKind::NotFound, "it refers to something that is not there"},
      {"a user without a name", User{.id = UserId{7}, .account = kAccount, .username = ""},
       ErrorKind::Invalid, "username"},
      {"an entity without an id", Account{.id = {}, .name = "zero"}, ErrorKind::Invalid, "id"},
  };
  for (const auto& row : cases) {
    ASSERT_TRUE(database_->execute("SAVEPOINT before"));
    auto done = put({row.entity});
    ASSERT_FALSE(done) << row.sentence;
    EXPECT_EQ(done.error().kind, row.kind) << row.sentence << ": " << done.error().message;
    EXPECT_NE(done.error().message.find(row.text), std::string::npos)
        << row.sentence << ": " << done.error().message;
    ASSERT_TRUE(database_->execute("ROLLBACK TO before; RELEASE before"));
  }
}

TEST_F(EntityPut, AllowsTheSameNamesInAnotherAccount) {
  EXPECT_TRUE(put({User{.id = UserId{7}, .account = kOtherAccount, .username = "ann"},
                   Application{.id = ApplicationId{7}, .account = kOtherAccount, .name = "app"},
                   Role{.id = RoleId{1}, .account = kAccount, .name = "reader"},
                   Role{.id = RoleId{2}, .account = kOtherAccount, .name = "reader"}}));
}

TEST_F(EntityPut, RemovingAnApplicationRemovesWhatHangsOnIt) {
  ASSERT_TRUE(put(
      {key(1, 1), Grant{.id = GrantId{1}, .application = kApplication, .account = kOtherAccount}}));
  ASSERT_TRUE(database_->execute(
      "INSERT INTO quota_mark (subscription_id, scope, period, period_start_us, mark) "
      "VALUES (65, '', 'day', 0, 5)"));
  ASSERT_TRUE(remove({Application{.id = kApplication}}));
  EXPECT_EQ(count("SELECT count(*) FROM subscription"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM api_key"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM grant_"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM quota_mark"), 0);
}

TEST_F(EntityPut, RefusesToRemoveWhatOthersReferTo) {
  ASSERT_TRUE(put({Role{.id = RoleId{1}, .account = kAccount, .name = "r"},
                   User{.id = kUser,
                        .account = kAccount,
                        .username = "Ann",
                        .roles = {{RoleId{1}, kWorkspace}}}}));
  for (const Entity& entity :
       {Entity(Account{.id = kAccount}), Entity(Plan{.id = PlanId{0x21}}),
        Entity(Role{.id = RoleId{1}}), Entity(Workspace{.id = kWorkspace})}) {
    auto done = remove({entity});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::Conflict);
    EXPECT_NE(done.error().message.find("others still refer to it"), std::string::npos);
  }
}

TEST_F(EntityPut, RemovesTogetherWhatRefersToEachOther) {
  ASSERT_TRUE(remove({Account{.id = kOtherAccount}, Workspace{.id = kOtherWorkspace}}));
  EXPECT_EQ(count("SELECT count(*) FROM account"), 1);
}

TEST_F(EntityPut, WritesTheEvents) {
  Change change;
  change.events = {{.kind = "key.created",
                    .subject = "key 1",
                    .account = kAccount,
                    .json = R"({"a":1})",
                    .time_us = 9},
                   {.kind = "plan.created", .subject = "plan 1"}};
  ASSERT_TRUE(write_entities(*database_, change));
  EXPECT_EQ(count("SELECT count(*) FROM event WHERE kind = 'key.created' AND time_us = 9 AND "
                  "json ->> 'a' = 1 AND account_id IS NOT NULL"),
            1);
  EXPECT_EQ(count("SELECT count(*) FROM event WHERE account_id IS NULL"), 1);
}

TEST_F(EntityPut, UsesOfKeysAreRightToAMinuteAndNeverGoBack) {
  constexpr std::int64_t kMinute = 60'000'000;
  ASSERT_TRUE(put({key(1, 0x11), key(2, 0x22)}));
  const std::vector<auth::KeyUse> uses = {
      {KeyId{1}, 10 * kMinute + 5}, {KeyId{9}, 7}, {KeyId{1}, 9 * kMinute}};
  ASSERT_TRUE(touch_keys(*database_, uses));
  ASSERT_TRUE(put({key(1, 0x11)})) << "an administrator's change that knows nothing of it";
  const auto all = load_entities(*database_);
  ASSERT_TRUE(all);
  EXPECT_EQ(all->keys[0].last_used_us, 10 * kMinute);
  EXPECT_EQ(all->keys[1].last_used_us, 0);
}

}  // namespace
}  // namespace sallyport::storage
