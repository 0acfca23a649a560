#include "gateway/token_answers.h"

#include "auth/token/jwk.h"
#include "token_fixture.h"

namespace sallyport::gateway {
namespace {

class TokenAnswersTest : public TokenFixture {
 protected:
  http::Response post(std::vector<std::pair<std::string, std::string>> more = {}) {
    Sent sent = good(http::Method::Post, "/auth");
    for (auto& field : more) sent.fields.push_back(std::move(field));
    return answer(sent);
  }
};

TEST_F(TokenAnswersTest, IssuesATokenInTheFormThatIsAskedFor) {
  const http::Response json = post();
  EXPECT_EQ(json.head.status(), 200);
  EXPECT_EQ(field_of(json, "Content-Type"), "application/json");
  EXPECT_EQ(field_of(json, "Location"), "https://api.test/auth/verify");
  EXPECT_EQ(field_of(json, "Cache-Control"), "private, no-store");
  EXPECT_TRUE(json.body.starts_with("{\"token\":\"ey")) << json.body;
  const http::Response vendor = post({{"accept", "application/vnd.whispir.auth-v1+json"}});
  EXPECT_EQ(field_of(vendor, "Content-Type"), "application/vnd.whispir.auth-v1+json");
  const http::Response xml = post({{"accept", "application/xml"}});
  EXPECT_EQ(field_of(xml, "Content-Type"), "application/xml");
  EXPECT_NE(xml.body.find("<ns3:auth xmlns:"), std::string::npos) << xml.body;
  EXPECT_NE(xml.body.find("<token>ey"), std::string::npos) << xml.body;
  EXPECT_EQ(field_of(post({{"accept", "*/*"}}), "Content-Type"), "application/json");
}

TEST_F(TokenAnswersTest, NeitherPlanNorRoleIsAskedForOnesOwnToken) {
  plan_.opens = {{{"messaging", "messages.list", {}, ""}, {}}};
  put(plan_);
  User user = user_of("john.smith");
  user.roles.clear();
  put(user);
  EXPECT_EQ(post().head.status(), 200);
  EXPECT_EQ(answer(bearer(issue(), "/auth/verify")).head.status(), 200);
}

TEST_F(TokenAnswersTest, ATokenNeverOutlivesItsKey) {
  const std::int64_t expires_us = clock_.unix_us() + 60'000'000;
  key_ = add_key(Status::Active, [&](ApiKey& key) { key.expires_us = expires_us; });
  const auto read = auth::read_token(issue());
  ASSERT_TRUE(read);
  EXPECT_EQ(static_cast<std::int64_t>(read->claims.find("exp")->number), expires_us / 1'000'000);
}

TEST_F(TokenAnswersTest, WithoutAKeyToSignWithItIsOurFault) {
  own_issuer_.replace(nullptr, 0);
  EXPECT_EQ(post().head.status(), 503);
}

TEST_F(TokenAnswersTest, VerifyTellsWhoseItIs) {
  const http::Response response = answer(bearer(issue(), "/auth/verify"));
  EXPECT_EQ(response.head.status(), 200);
  const auto document = parse_json(response.body);
  ASSERT_TRUE(document) << response.body;
  EXPECT_TRUE(document->find("valid")->truth);
  EXPECT_EQ(*document->find_text("username"), "John.Smith");
  EXPECT_EQ(*document->find_text("account"), kAccount.hex());
  EXPECT_EQ(*document->find_text("application"), kApplication.hex());
  EXPECT_NE(document->find_text("expires"), nullptr);
}

TEST_F(TokenAnswersTest, PublicKeysAreForEverybody) {
  Sent sent;
  sent.target = "/.well-known/jwks.json";
  const http::Response response = answer(sent);
  EXPECT_EQ(response.head.status(), 200);
  EXPECT_EQ(field_of(response, "Content-Type"), "application/jwk-set+json");
  EXPECT_EQ(field_of(response, "Cache-Control"), "public, max-age=300");
  const auth::TokenAlgorithm accepted[] = {auth::TokenAlgorithm::EdDsa,
                                           auth::TokenAlgorithm::Es256};
  EXPECT_EQ(auth::read_jwks(response.body, accepted)->size(), 1U);
  keys_.rotate(auth::TokenAlgorithm::Es256, clock_.unix_us(), 60'000'000, random_);
  own_issuer_.replace(keys_.key_set(), 0);
  EXPECT_EQ(auth::read_jwks(answer(sent).body, accepted)->size(), 2U) << "both of them";
  clock_.advance_us(60'000'000);
  EXPECT_EQ(auth::read_jwks(answer(sent).body, accepted)->size(), 1U);
}

// What is asked for on the way in is what the API says, and no more.
TEST_F(TokenAnswersTest, DoorsAreThoseOfTheApi) {
  Sent both = good();
  Sent key = good();
  key.fields.pop_back();
  Sent user = good();
  user.fields.erase(user.fields.begin());
  Sent none;
  struct Row {
    const char* host;
    Reason both, key, user, none;
  };
  const Row rows[] = {
      {"api.test", Reason::Ok, Reason::UserMissing, Reason::KeyMissing, Reason::KeyMissing},
      {"key.test", Reason::Ok, Reason::Ok, Reason::KeyMissing, Reason::KeyMissing},
      {"user.test", Reason::Ok, Reason::UserMissing, Reason::Ok, Reason::UserMissing},
      {"none.test", Reason::Ok, Reason::Ok, Reason::Ok, Reason::Ok},
  };
  for (const Row& row : rows) {
    for (auto [sent, expected] : {std::pair(both, row.both), std::pair(key, row.key),
                                  std::pair(user, row.user), std::pair(none, row.none)}) {
      sent.host = row.host;
      EXPECT_EQ(reason(sent), expected) << row.host;
      clock_.advance_us(1'000'000);
    }
  }
}

TEST_F(TokenAnswersTest, WithoutAKeyTheUserBringsTheAccount) {
  Sent sent = good();
  sent.fields.erase(sent.fields.begin());
  sent.host = "user.test";
  EXPECT_EQ(reason(sent), Reason::Ok);
  EXPECT_EQ(context_.account, kAccount);
  EXPECT_EQ(context_.workspace, kDefaultWorkspace);
  EXPECT_FALSE(context_.key_id);
  EXPECT_EQ(answer(sent).head.status(), 200);
  EXPECT_EQ(handler_.last.account, kAccount);
  Account account;
  account.id = kAccount;
  account.status = Status::Suspended;
  put(account);
  EXPECT_EQ(reason(sent), Reason::AccountSuspended);
}

TEST_F(TokenAnswersTest, KeyOnlyTakesTheThresholdsAtTheKeysDoor) {
  set_limits({{}, {}, 2, QuotaPeriod::Day});
  Sent sent = good();
  sent.fields.pop_back();
  sent.host = "key.test";
  EXPECT_EQ(answer(sent).head.status(), 200);
  EXPECT_FALSE(handler_.last.user);
  EXPECT_EQ(reason(sent), Reason::Ok);
  EXPECT_EQ(reason(sent), Reason::OverQuota);
}

TEST_F(TokenAnswersTest, A401NamesWhatTheRouteTakes) {
  const http::Response plain = answer(with(basic("john.smith", "wrong")));
  EXPECT_EQ(plain.head.status(), 401);
  EXPECT_EQ(field_of(plain, "WWW-Authenticate"), "Basic realm=\"messaging\", charset=\"UTF-8\"");
  const http::Response token = answer(bearer("a.b.c"));
  EXPECT_EQ(token.head.status(), 401);
  EXPECT_EQ(field_of(token, "WWW-Authenticate"), field_of(plain, "WWW-Authenticate"));
  EXPECT_NE(token.head.wire().find(
                "WWW-Authenticate: Bearer realm=\"messaging\", error=\"invalid_token\"\r\n"),
            std::string::npos);
  const http::Response verify = answer(with(basic("john.smith", kPassword), "/auth/verify"));
  EXPECT_EQ(verify.head.status(), 401);
  EXPECT_EQ(field_of(verify, "WWW-Authenticate"), "Bearer realm=\"messaging\"");
}

}  // namespace
}  // namespace sallyport::gateway
