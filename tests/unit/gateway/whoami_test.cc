#include "gateway/whoami.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

class WhoamiTest : public DoorsFixture {
 protected:
  http::Response ask(const char* accept, const std::string& user = "john.smith") {
    Sent sent = good(http::Method::Get, "/whoami");
    sent.fields.back().second = basic(user, kPassword);
    if (accept != nullptr) sent.fields.emplace_back("accept", accept);
    return answer(sent);
  }
};

TEST_F(WhoamiTest, TellsWhatTheDoorsFound) {
  Application application;
  application.id = kApplication;
  application.account = kAccount;
  application.name = "Orders & <Co>";
  put(application);
  set_limits({5, std::nullopt, 40, QuotaPeriod::Month});
  const http::Response json = ask("application/vnd.whispir.whoami-v1+json");
  EXPECT_EQ(json.head.status(), 200);
  EXPECT_EQ(field_of(json, "Content-Type"), "application/vnd.whispir.whoami-v1+json");
  for (const char* part :
       {R"("application":{"id":"00000000000000B1","name":"Orders & <Co>","account":)",
        R"("subscription":"00000000000000D1","plan":"Gold","environment":"live")",
        R"({"of":"subscription","ratePerSecond":5,"burst":5,"rateLeft":4,"quota":40,)"
        R"("quotaPeriod":"month","quotaUsed":1,"quotaLeft":39,"quotaResets":)",
        R"("username":"John.Smith")", R"("roles":[{"id":"00000000000000E1","name":"full"}]})"}) {
    EXPECT_NE(json.body.find(part), std::string::npos) << part << "\n" << json.body;
  }
  EXPECT_EQ(json.body.find(key_), std::string::npos);
  const http::Response xml = ask(nullptr);
  EXPECT_EQ(field_of(xml, "Content-Type"), "application/xml");
  for (const char* part :
       {"<ns3:whoami ",
        "<application><id>00000000000000B1</id><name>Orders &amp; &lt;Co&gt;</name>",
        "<limits><limit><of>subscription</of><ratePerSecond>5</ratePerSecond>",
        "<roles><role><id>00000000000000E1</id><name>full</name></role></roles></ns3:whoami>"}) {
    EXPECT_NE(xml.body.find(part), std::string::npos) << part << "\n" << xml.body;
  }
}

TEST_F(WhoamiTest, NeedsBothDoorsButNoRightOfItsOwn) {
  plan_.opens.clear();
  put(plan_);
  add_user("nobody", Status::Active, {});
  const http::Response allowed = ask("application/json", "nobody");
  EXPECT_EQ(allowed.head.status(), 200);
  EXPECT_NE(allowed.body.find(R"("limits":[{"of":"subscription","ratePerSecond":null)"),
            std::string::npos)
      << allowed.body;
  EXPECT_NE(allowed.body.find(R"("roles":[])"), std::string::npos) << allowed.body;
  EXPECT_EQ(ask(nullptr, "stranger").head.status(), 401);
  Sent sent = good(http::Method::Get, "/whoami");
  sent.fields.front().second = "sp_live_wrong";
  EXPECT_EQ(answer(sent).head.status(), 403);
  EXPECT_EQ(answer(good(http::Method::Post, "/whoami")).head.status(), 405);
}

TEST_F(WhoamiTest, UnderAGrantItNamesTheUsersAccountAndTheCeiling) {
  add_user("bob", Status::Active, {{kFullRole, {}}}, kOtherAccount);
  EXPECT_EQ(ask(nullptr, "bob").head.status(), 401) << "a user of another account is unknown";
  Grant grant;
  grant.id = GrantId{0x77};
  grant.application = kApplication;
  grant.account = kOtherAccount;
  grant.role_ceiling = {kReaderRole};
  put(grant);
  const http::Response told = ask("application/json", "bob");
  EXPECT_NE(told.body.find(R"("username":"bob","displayName":"bob","account":"00000000000000A2")"),
            std::string::npos)
      << told.body;
  EXPECT_NE(told.body.find(R"("grant":{"id":"0000000000000077","ceiling":[{"id":)"
                           R"("00000000000000E2","name":"reader"}]})"),
            std::string::npos)
      << told.body;
}

}  // namespace
}  // namespace sallyport::gateway
