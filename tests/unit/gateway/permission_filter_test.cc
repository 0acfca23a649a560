#include "gateway/permission_filter.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

using http::Method;

class PermissionFilterTest : public DoorsFixture {
 protected:
  Reason as(const std::string& user, Method method, const std::string& target) {
    Sent sent = good(method, target);
    sent.fields[1].second = basic(user, kPassword);
    return reason(sent);
  }
};

TEST_F(PermissionFilterTest, RolesDecide) {
  add_user("reader", Status::Active, {{kReaderRole, {}}});
  add_user("nothing", Status::Active, {});
  EXPECT_EQ(as("reader", Method::Get, "/messages"), Reason::Ok);
  EXPECT_EQ(as("reader", Method::Head, "/messages"), Reason::Ok);
  EXPECT_EQ(as("reader", Method::Options, "/messages"), Reason::Ok);
  EXPECT_EQ(as("reader", Method::Post, "/messages"), Reason::NoPermission);
  EXPECT_EQ(as("reader", Method::Get, "/messages/1"), Reason::NoPermission);
  EXPECT_EQ(as("nothing", Method::Get, "/messages"), Reason::NoPermission);
  EXPECT_TRUE(context_.user_id) << "proven all the same";
}

TEST_F(PermissionFilterTest, WorkspacesAreKeptApart) {
  add_user("local", Status::Active, {{kFullRole, kWorkspace}});
  add_user("home", Status::Active, {{kFullRole, kDefaultWorkspace}});
  const std::string own = "/workspaces/" + kWorkspace.hex() + "/messages";
  const std::string home = "/workspaces/" + kDefaultWorkspace.hex() + "/messages";
  EXPECT_EQ(as("local", Method::Post, own), Reason::Ok);
  EXPECT_EQ(as("local", Method::Post, home), Reason::NoPermission);
  EXPECT_EQ(as("local", Method::Get, "/messages"), Reason::NoPermission)
      << "a role for one workspace never opens the default one";
  EXPECT_EQ(as("local", Method::Get, "/workspaces/x/messages"), Reason::NoPermission);
  EXPECT_EQ(as("home", Method::Get, "/messages"), Reason::Ok);
  EXPECT_EQ(as("home", Method::Get, own), Reason::NoPermission);
  EXPECT_EQ(as("john.smith", Method::Get, own), Reason::Ok) << "account-wide covers all";
}

TEST_F(PermissionFilterTest, ACandidateIsNotedAndChangesNothing) {
  using telemetry::Shadow;
  Role reader;
  reader.id = kReaderRole;
  reader.name = "reader";
  reader.permissions = {{{"messaging", "messages.list", {}, ""}, true}};
  reader.shadow = {{{"messaging", "messages.create", {}, ""}, true}};
  reader.shadow_until_us = clock_.unix_us() + 1'000'000;
  policy_.apply({{reader}, {}, {}, {}});
  add_user("reader", Status::Active, {{kReaderRole, {}}});
  EXPECT_EQ(as("reader", Method::Get, "/messages"), Reason::Ok);
  EXPECT_EQ(context_.role_shadow.verdict, Shadow::WouldDeny);
  EXPECT_FALSE(context_.role_shadow.role) << "for want of a permission";
  EXPECT_EQ(as("reader", Method::Post, "/messages"), Reason::NoPermission);
  EXPECT_EQ(context_.role_shadow.verdict, Shadow::WouldAllow);
  EXPECT_EQ(context_.role_shadow.role, kReaderRole);
  EXPECT_EQ(as("reader", Method::Get, "/messages/1"), Reason::NoPermission);
  EXPECT_EQ(context_.role_shadow.verdict, Shadow::Same);
  EXPECT_EQ(as("john.smith", Method::Get, "/messages"), Reason::Ok);
  EXPECT_EQ(context_.role_shadow.verdict, Shadow::None) << "who does not have the role";
  clock_.advance_us(2'000'000);
  EXPECT_EQ(as("reader", Method::Get, "/messages"), Reason::Ok);
  EXPECT_EQ(context_.role_shadow.verdict, Shadow::None) << "it has expired";
}

TEST_F(PermissionFilterTest, TheQueryDecidesNothing) {
  add_user("nothing", Status::Active, {});
  EXPECT_EQ(as("nothing", Method::Get, "/messages?x=/public/health"), Reason::NoPermission);
}

TEST_F(PermissionFilterTest, AGrantsCeilingHoldsAndItsEndIsFelt) {
  add_user("bob", Status::Active, {{kFullRole, {}}}, kOtherAccount);
  const auto as_bob = [&](http::Method method) {
    Sent sent = good(method);
    sent.fields.back().second = basic("bob", kPassword);
    return reason(sent);
  };
  Grant grant;
  grant.id = GrantId{0x77};
  grant.application = kApplication;
  grant.account = kOtherAccount;
  put(grant);
  EXPECT_EQ(as_bob(http::Method::Get), Reason::Ok);
  EXPECT_EQ(as_bob(http::Method::Post), Reason::Ok) << "without a ceiling: all that bob may";
  EXPECT_EQ(context_.account, kOtherAccount);
  EXPECT_EQ(context_.application, kApplication);
  EXPECT_EQ(context_.workspace, WorkspaceId{}) << "never the partner's own default";
  grant.role_ceiling = {kReaderRole};
  put(grant);
  EXPECT_EQ(as_bob(http::Method::Get), Reason::Ok);
  EXPECT_EQ(as_bob(http::Method::Post), Reason::NoPermission);
  grant.status = Status::Revoked;
  put(grant);
  EXPECT_EQ(as_bob(http::Method::Get), Reason::UserUnknown);
  EXPECT_EQ(reason(good()), Reason::Ok) << "the application's own users go on";
}

}  // namespace
}  // namespace sallyport::gateway
