#include "storage/entity_load.h"

#include "storage/entity_put.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

// Every field with a value of its own, so that two columns that are mixed up show.
Limits limits(std::uint32_t base) {
  return {.rate_per_second = base,
          .burst = base + 1,
          .quota = base + 2,
          .quota_period = QuotaPeriod::Month};
}

Network network(const char* text) { return Network::parse(text).value(); }

Match by_operation() { return {.api = "engine", .operation = "messages.create"}; }
Match by_pattern() { return {.api = "*", .methods = {"GET", "POST"}, .pattern = "/x/{id}/**"}; }

class EntityLoad : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = open_schema(directory_);
    auto made = write_entities(*database_, small_world());
    ASSERT_TRUE(made) << made.error().message;
  }
  Entities write_and_load(Entity entity) {
    Change change;
    change.put.push_back(std::move(entity));
    auto done = write_entities(*database_, change);
    EXPECT_TRUE(done) << done.error().message;
    auto all = load_entities(*database_);
    EXPECT_TRUE(all) << all.error().message;
    return all.value_or(Entities{});
  }
  Directory directory_;
  std::unique_ptr<Database> database_;
};

template <class T, class IdType>
const T& by_id(const std::vector<T>& all, IdType id) {
  for (const auto& one : all) {
    if (one.id == id) return one;
  }
  ADD_FAILURE() << "not there";
  return all.front();
}

TEST_F(EntityLoad, Account) {
  const auto all = write_and_load(Account{.id = AccountId{9},
                                          .name = "nine",
                                          .status = Status::Suspended,
                                          .time_zone = "Australia/Sydney",
                                          .created_us = 17,
                                          .demo = true});
  const auto& a = by_id(all.accounts, AccountId{9});
  EXPECT_EQ(a.name, "nine");
  EXPECT_EQ(a.status, Status::Suspended);
  EXPECT_EQ(a.time_zone, "Australia/Sydney");
  EXPECT_EQ(a.created_us, 17);
  EXPECT_TRUE(a.demo);
  EXPECT_EQ(by_id(all.accounts, kAccount).name, "one") << "an id of 64 bits";
}

TEST_F(EntityLoad, Developer) {
  const auto all = write_and_load(Developer{.id = DeveloperId{9},
                                            .email = "d@example.test",
                                            .display_name = "Dee",
                                            .status = Status::Waiting,
                                            .email_verified = true,
                                            .accounts = {{kOtherAccount, true}, {kAccount, false}},
                                            .created_us = 18});
  const auto& d = by_id(all.developers, DeveloperId{9});
  EXPECT_EQ(d.email, "d@example.test");
  EXPECT_EQ(d.display_name, "Dee");
  EXPECT_EQ(d.status, Status::Waiting);
  EXPECT_TRUE(d.email_verified);
  EXPECT_EQ(d.created_us, 18);
  ASSERT_EQ(d.accounts.size(), 2U);
  EXPECT_EQ(d.accounts[0].account, kOtherAccount);
  EXPECT_TRUE(d.accounts[0].owner);
  EXPECT_EQ(d.accounts[1].account, kAccount);
  EXPECT_FALSE(d.accounts[1].owner);
}

TEST_F(EntityLoad, Application) {
  const auto all = write_and_load(Application{.id = ApplicationId{9},
                                              .account = kOtherAccount,
                                              .name = "n",
                                              .description = "d",
                                              .status = Status::Disabled,
                                              .created_us = 19,
                                              .created_by = "uid 0"});
  const auto& a = by_id(all.applications, ApplicationId{9});
  EXPECT_EQ(a.account, kOtherAccount);
  EXPECT_EQ(a.name, "n");
  EXPECT_EQ(a.description, "d");
  EXPECT_EQ(a.status, Status::Disabled);
  EXPECT_EQ(a.created_us, 19);
  EXPECT_EQ(a.created_by, "uid 0");
}

TEST_F(EntityLoad, Plan) {
  Limits more = limits(10);
  more.concurrency = 4;
  more.windows[0] = {500, 600};
  more.quota_anchor = 15;
  more.quota_zone = *find_zone("Europe/Rome");
  Limits shadow;
  shadow.rate_per_second = 3;
  const auto all = write_and_load(Plan{.id = PlanId{9},
                                       .name = "gold",
                                       .status = Status::Inactive,
                                       .limits = more,
                                       .priority = -5,
                                       .shadow = shadow,
                                       .needs_review = true,
                                       .keys_per_application = 6,
                                       .key_lifetime_days = 7,
                                       .opens = {{by_operation(), more}, {by_pattern(), {}}},
                                       .created_us = 20});
  const auto& p = by_id(all.plans, PlanId{9});
  EXPECT_EQ(p.name, "gold");
  EXPECT_EQ(p.status, Status::Inactive);
  EXPECT_EQ(p.limits, more);
  EXPECT_EQ(p.shadow, shadow);
  EXPECT_EQ(p.priority, -5);
  EXPECT_TRUE(p.needs_review);
  EXPECT_EQ(p.keys_per_application, 6U);
  EXPECT_EQ(p.key_lifetime_days, 7U);
  EXPECT_EQ(p.created_us, 20);
  ASSERT_EQ(p.opens.size(), 2U);
  EXPECT_EQ(p.opens[0].match, by_operation());
  EXPECT_EQ(p.opens[0].own, more);
  EXPECT_EQ(p.opens[1].match, by_pattern());
  EXPECT_EQ(p.opens[1].own, Limits{});
}

TEST_F(EntityLoad, UnlimitedAndBlockedAreDifferent) {
  const auto all = write_and_load(
      Plan{.id = PlanId{9}, .name = "p", .limits = {.rate_per_second = 0, .concurrency = 0}});
  const auto& p = by_id(all.plans, PlanId{9});
  EXPECT_EQ(p.limits.rate_per_second, 0U);
  EXPECT_EQ(p.limits.quota, std::nullopt);
  EXPECT_EQ(p.limits.concurrency, 0U);
  EXPECT_EQ(p.keys_per_application, std::nullopt);
}

TEST_F(EntityLoad, Subscription) {
  const auto all = write_and_load(Subscription{.id = SubscriptionId{9},
                                               .application = kApplication,
                                               .plan = PlanId{0x21},
                                               .environment = Environment::Test,
                                               .status = Status::Ended,
                                               .overrides = limits(30),
                                               .terms_version = "t1",
                                               .accepted_by = "ann",
                                               .accepted_us = 21,
                                               .approved_by = "bob",
                                               .starts_us = 22,
                                               .ends_us = 23,
                                               .created_us = 24});
  const auto& s = by_id(all.subscriptions, SubscriptionId{9});
  EXPECT_EQ(s.application, kApplication);
  EXPECT_EQ(s.plan, PlanId{0x21});
  EXPECT_EQ(s.environment, Environment::Test);
  EXPECT_EQ(s.status, Status::Ended);
  EXPECT_EQ(s.overrides, limits(30));
  EXPECT_EQ(s.terms_version, "t1");
  EXPECT_EQ(s.accepted_by, "ann");
  EXPECT_EQ(s.accepted_us, 21);
  EXPECT_EQ(s.approved_by, "bob");
  EXPECT_EQ(s.starts_us, 22);
  EXPECT_EQ(s.ends_us, 23);
  EXPECT_EQ(s.created_us, 24);
}

TEST_F(EntityLoad, ApiKey) {
  Digest digest{};
  for (std::size_t i = 0; i < digest.size(); ++i) digest[i] = static_cast<std::uint8_t>(i * 8);
  const auto all =
      write_and_load(ApiKey{.id = KeyId{9},
                            .subscription = kSubscription,
                            .environment = Environment::Test,
                            .status = Status::Revoked,
                            .digest = digest,
                            .hint = "sp_test_..",
                            .not_before_us = 31,
                            .expires_us = 32,
                            .last_used_us = 33,
                            .allowed_networks = {network("10.0.0.0/8"), network("2001:db8::/32")},
                            .limits = limits(40),
                            .note = "a note",
                            .weak = true,
                            .created_us = 34});
  const auto& k = by_id(all.keys, KeyId{9});
  EXPECT_EQ(k.subscription, kSubscription);
  EXPECT_EQ(k.environment, Environment::Test);
  EXPECT_EQ(k.status, Status::Revoked);
  EXPECT_EQ(k.digest, digest);
  EXPECT_EQ(k.hint, "sp_test_..");
  EXPECT_EQ(k.not_before_us, 31);
  EXPECT_EQ(k.expires_us, 32);
  EXPECT_EQ(k.last_used_us, 33);
  ASSERT_EQ(k.allowed_networks.size(), 2U);
  EXPECT_EQ(k.allowed_networks[0], network("10.0.0.0/8"));
  EXPECT_EQ(k.allowed_networks[1], network("2001:db8::/32"));
  EXPECT_EQ(k.limits, limits(40));
  EXPECT_EQ(k.note, "a note");
  EXPECT_TRUE(k.weak);
  EXPECT_EQ(k.created_us, 34);
}

TEST_F(EntityLoad, RoleOfAnAccountAndOfTheInstallation) {
  (void)write_and_load(Role{.id = RoleId{8},
                            .account = kAccount,
                            .name = "reader",
                            .permissions = {{by_operation(), true}, {by_pattern(), false}},
                            .created_us = 35});
  const auto all = write_and_load(Role{.id = RoleId{9}, .account = {}, .name = "reader"});
  const auto& r = by_id(all.roles, RoleId{8});
  EXPECT_EQ(r.account, kAccount);
  EXPECT_EQ(r.name, "reader");
  EXPECT_EQ(r.created_us, 35);
  ASSERT_EQ(r.permissions.size(), 2U);
  EXPECT_EQ(r.permissions[0].match, by_operation());
  EXPECT_TRUE(r.permissions[0].allow);
  EXPECT_EQ(r.permissions[1].match, by_pattern());
  EXPECT_FALSE(r.permissions[1].allow);
  EXPECT_FALSE(by_id(all.roles, RoleId{9}).account);
}

TEST_F(EntityLoad, Grant) {
  (void)write_and_load(Role{.id = RoleId{8}, .account = kAccount, .name = "r8"});
  (void)write_and_load(Role{.id = RoleId{7}, .account = kAccount, .name = "r7"});
  const auto all = write_and_load(Grant{.id = GrantId{9},
                                        .application = kApplication,
                                        .account = kOtherAccount,
                                        .granted_by = "ann",
                                        .role_ceiling = {RoleId{8}, RoleId{7}},
                                        .status = Status::Disabled,
                                        .created_us = 36});
  const auto& g = by_id(all.grants, GrantId{9});
  EXPECT_EQ(g.application, kApplication);
  EXPECT_EQ(g.account, kOtherAccount);
  EXPECT_EQ(g.granted_by, "ann");
  EXPECT_EQ(g.role_ceiling, (std::vector{RoleId{8}, RoleId{7}}));
  EXPECT_EQ(g.status, Status::Disabled);
  EXPECT_EQ(g.created_us, 36);
}

TEST_F(EntityLoad, User) {
  (void)write_and_load(Role{.id = RoleId{8}, .account = kAccount, .name = "r8"});
  const auto all = write_and_load(User{.id = UserId{9},
                                       .account = kAccount,
                                       .username = "J\xC3\xBCrgen",
                                       .verifier = "$v$",
                                       .security_version = 41,
                                       .status = Status::Blocked,
                                       .roles = {{RoleId{8}, {}}, {RoleId{8}, kWorkspace}},
                                       .allowed_networks = {network("192.0.2.1/32")},
                                       .first_name = "F",
                                       .last_name = "L",
                                       .must_change = true,
                                       .last_login_us = 42,
                                       .created_us = 43});
  const auto& u = by_id(all.users, UserId{9});
  EXPECT_EQ(u.account, kAccount);
  EXPECT_EQ(u.username, "J\xC3\xBCrgen");
  EXPECT_EQ(u.verifier, "$v$");
  EXPECT_EQ(u.security_version, 41U);
  EXPECT_EQ(u.status, Status::Blocked);
  EXPECT_EQ(u.roles, (std::vector<RoleAssignment>{{RoleId{8}, {}}, {RoleId{8}, kWorkspace}}));
  ASSERT_EQ(u.allowed_networks.size(), 1U);
  EXPECT_EQ(u.first_name, "F");
  EXPECT_EQ(u.last_name, "L");
  EXPECT_TRUE(u.must_change);
  EXPECT_EQ(u.last_login_us, 42);
  EXPECT_EQ(u.created_us, 43);
}

TEST_F(EntityLoad, Workspace) {
  const auto all = write_and_load(Workspace{.id = WorkspaceId{9},
                                            .account = kAccount,
                                            .project_name = "p",
                                            .project_number = "n",
                                            .billing_cost_centre = "b",
                                            .status = Status::Disabled,
                                            .created_us = 44});
  const auto& w = by_id(all.workspaces, WorkspaceId{9});
  EXPECT_EQ(w.account, kAccount);
  EXPECT_EQ(w.project_name, "p");
  EXPECT_EQ(w.project_number, "n");
  EXPECT_EQ(w.billing_cost_centre, "b");
  EXPECT_EQ(w.status, Status::Disabled);
  EXPECT_FALSE(w.is_default);
  EXPECT_EQ(w.created_us, 44);
}

TEST_F(EntityLoad, AWordThatIsNotKnownIsAnErrorThatNamesTheRow) {
  struct Case {
    const char* script;
    const char* text;
  };
  const Case cases[] = {
      {"UPDATE user SET status = 'super'", "the store: user 0000000000000071: 'super'"},
      {"UPDATE user SET allowed_networks = '10.0.0.0/8 nonsense'", "'nonsense'"},
      {"UPDATE subscription SET environment = ''", "'an empty word'"},
      {"UPDATE plan SET quota_period = 'week'", "'week'"},
  };
  for (const auto& row : cases) {
    ASSERT_TRUE(database_->execute("SAVEPOINT before"));
    ASSERT_TRUE(database_->execute(row.script));
    auto all = load_entities(*database_);
    ASSERT_FALSE(all) << row.script;
    EXPECT_EQ(all.error().kind, ErrorKind::Internal);
    EXPECT_NE(all.error().message.find(row.text), std::string::npos) << all.error().message;
    ASSERT_TRUE(database_->execute("ROLLBACK TO before; RELEASE before"));
  }
}

TEST_F(EntityLoad, OneByOne) {
  (void)write_and_load(Role{.id = RoleId{8}, .account = kAccount, .name = "r8"});
  constexpr std::uint64_t kNegative = 0xF000000000000001;  // sorts before the others
  for (const std::uint64_t id : {kNegative, std::uint64_t{5}, std::uint64_t{6}}) {
    User user{.id = UserId{id}, .account = kAccount, .username = "u" + std::to_string(id)};
    user.verifier = "$v$";
    if (id != 0x5U) user.roles = {{RoleId{8}, {}}, {RoleId{8}, kWorkspace}};
    ApiKey key{.id = KeyId{id}, .subscription = kSubscription};
    key.digest.fill(static_cast<std::uint8_t>(id));
    key.digest[0] = static_cast<std::uint8_t>(id >> 56);
    if (id == 0x6U) key.limits.windows[0] = {100, 60};
    (void)write_and_load(user);
    (void)write_and_load(key);
  }
  const auto all = load_entities(*database_);
  ASSERT_TRUE(all);
  const auto few = load_few(*database_);
  ASSERT_TRUE(few);
  EXPECT_TRUE(few->keys.empty() && few->users.empty());
  EXPECT_EQ(few->roles.size(), all->roles.size());

  std::size_t users = 0;
  ASSERT_TRUE(each_user(*database_, [&](const User& user) {
    ++users;
    EXPECT_EQ(user.roles, by_id(all->users, user.id).roles) << user.id.hex();
  }));
  EXPECT_EQ(users, all->users.size());
  EXPECT_EQ(load_user(*database_, UserId{0xF000000000000001U}).value()->roles.size(), 2U);
  EXPECT_TRUE(load_user(*database_, UserId{0x5U}).value()->roles.empty());
  EXPECT_FALSE(load_user(*database_, UserId{0x7U}).value());

  std::size_t keys = 0;
  ASSERT_TRUE(each_key(*database_, kSubscription, [&](const ApiKey& key) {
    ++keys;
    EXPECT_EQ(key.limits, by_id(all->keys, key.id).limits) << key.id.hex();
  }));
  EXPECT_EQ(keys, all->keys.size());
  ASSERT_TRUE(each_key(*database_, SubscriptionId{0xDEAD}, [&](const ApiKey&) { ++keys; }));
  EXPECT_EQ(keys, all->keys.size());
  EXPECT_EQ(load_key(*database_, KeyId{0x6U}).value()->limits.windows[0].seconds, 60U);
  EXPECT_FALSE(load_key(*database_, KeyId{0x7U}).value());
}

TEST_F(EntityLoad, AKeyIsFoundByItsDigest) {
  ApiKey key{.id = KeyId{0x77}, .subscription = kSubscription};
  key.digest.fill(0xAB);
  Change change;
  change.put = {key};
  ASSERT_TRUE(write_entities(*database_, change));
  EXPECT_EQ(find_key(*database_, key.digest).value(), KeyId{0x77});
  key.digest.fill(0xAC);
  EXPECT_EQ(find_key(*database_, key.digest).value(), std::nullopt);
}

}  // namespace
}  // namespace sallyport::storage
