#include "gateway/bearer_authenticator.h"

#include "token_fixture.h"

namespace sallyport::gateway {
namespace {

class BearerTest : public TokenFixture {
 protected:
  // A token of ours with these claims, each in its text, over the good ones.
  std::string ours(std::vector<std::pair<std::string, std::string>> over = {}) {
    const auth::UserRecord* user = directory_.find_user(kAccount, "john.smith");
    std::vector<std::pair<std::string, std::string>> claims = {
        {"iss", "\"sallyport\""},
        {"aud", "\"messaging\""},
        {"sub", "\"" + user->id().hex() + "\""},
        {"acc", "\"" + kAccount.hex() + "\""},
        {"app", "\"" + kApplication.hex() + "\""},
        {"key", "\"" + key_id().hex() + "\""},
        {"ver", "\"" + std::to_string(user->security_version()) + "\""},
        {"exp", std::to_string(clock_.unix_us() / 1'000'000 + 60)}};
    for (auto& [name, value] : over) {
      std::erase_if(claims, [&name](const auto& one) { return one.first == name; });
      if (!value.empty()) claims.emplace_back(name, value);
    }
    std::string json = "{";
    for (const auto& [name, value] : claims) {
      json += (json.size() > 1 ? ",\"" : "\"") + name + "\":" + value;
    }
    return auth::write_token(json + "}", keys_.keys().front().key);
  }
  KeyId key_id() { return directory_.find_key(auth::digest_of(key_))->id; }
  std::string in(std::int64_t seconds) {
    return std::to_string(clock_.unix_us() / 1'000'000 + seconds);
  }
  void change_key(Status status) {
    ApiKey key;
    key.id = key_id();
    key.subscription = kSubscription;
    key.digest = auth::digest_of(key_);
    key.status = status;
    put(key);
  }
};

TEST_F(BearerTest, AbsentMalformedWrongRightForbiddenOversize) {
  const std::string token = issue();
  EXPECT_EQ(reason(bearer(token)), Reason::Ok);
  EXPECT_EQ(context_.user->username(), "John.Smith");
  EXPECT_EQ(reason(with("bEaReR   " + token)), Reason::Ok);
  EXPECT_EQ(reason(with("Bearer")), Reason::TokenMalformed);
  EXPECT_EQ(reason(with("Bearer ")), Reason::TokenMalformed);
  EXPECT_EQ(reason(bearer(token + ", Basic abc")), Reason::TokenMalformed) << "two credentials";
  EXPECT_EQ(reason(bearer(token + " " + token)), Reason::TokenMalformed);
  EXPECT_EQ(reason(bearer("a.b.c")), Reason::TokenMalformed);
  EXPECT_EQ(reason(bearer(std::string(65'536, 'a'))), Reason::TokenMalformed);
  std::string forged = token;
  forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_EQ(reason(bearer(forged)), Reason::TokenSignature);
  Sent twice = bearer(token);
  twice.fields.push_back(twice.fields[1]);
  EXPECT_EQ(reason(twice), Reason::CredentialMalformed);
  User user = user_of("john.smith");
  user.roles.clear();
  put(user);
  EXPECT_EQ(reason(bearer(token)), Reason::NoPermission) << "roles are read live";
}

// What a token says is compared with what is known, before and after its signature was verified.
TEST_F(BearerTest, OursMustBeForThisAndNow) {
  const std::vector<std::tuple<std::string, std::string, Reason>> rows = {
      {"iss", "", Reason::TokenIssuer},
      {"iss", "\"somebody\"", Reason::TokenIssuer},
      {"iss", "7", Reason::TokenIssuer},
      {"aud", "", Reason::TokenAudience},
      {"aud", "\"orders\"", Reason::TokenAudience},
      {"aud", "[\"messaging\"]", Reason::TokenAudience},
      {"exp", "", Reason::TokenExpired},
      {"exp", in(0), Reason::TokenExpired},
      {"exp", "\"" + in(60) + "\"", Reason::TokenMalformed},
      {"nbf", in(100), Reason::TokenNotYetValid},
      {"nbf", in(0), Reason::Ok},
      {"sub", "", Reason::TokenMalformed},
      {"sub", "\"00000000000000FF\"", Reason::UserUnknown},
      {"acc", "\"" + kOtherAccount.hex() + "\"", Reason::UserUnknown},
      {"app", "\"00000000000000B2\"", Reason::TokenApplication},
      {"key", "\"0000000000000001\"", Reason::TokenEnded},
      {"ver", "\"2\"", Reason::TokenEnded},
      {"ver", "1", Reason::TokenMalformed},
  };
  for (const auto& [claim, value, expected] : rows) {
    EXPECT_EQ(reason(bearer(ours({{claim, value}}))), expected) << claim << " = " << value;
    clock_.advance_us(1'000'000);  // for the failure budget
  }
}

TEST_F(BearerTest, TheAlgorithmComesFromOurRecord) {
  const auth::SigningKey& key = keys_.keys().front().key;
  const std::string good = ours();
  const std::string claims = good.substr(good.find('.'), good.rfind('.') - good.find('.'));
  const std::string kid = key.public_key().kid;
  const auto with_header = [&](const std::string& header) {
    const std::string text = base64url_encode(header) + claims;
    return text + "." + base64url_encode(key.sign(text));
  };
  const std::vector<std::pair<std::string, Reason>> rows = {
      {R"({"alg":"EdDSA","kid":")" + kid + "\"}", Reason::Ok},
      {R"({"alg":"none","kid":")" + kid + "\"}", Reason::TokenAlgorithm},
      {R"({"alg":"NONE","kid":")" + kid + "\"}", Reason::TokenAlgorithm},
      {R"({"alg":"","kid":")" + kid + "\"}", Reason::TokenAlgorithm},
      {R"({"alg":"HS256","kid":")" + kid + "\"}", Reason::TokenAlgorithm},
      {R"({"alg":"ES256","kid":")" + kid + "\"}", Reason::TokenAlgorithm},
      {R"({"alg":"RS256","kid":")" + kid + "\"}", Reason::TokenAlgorithm},
      {R"({"alg":"eddsa","kid":")" + kid + "\"}", Reason::TokenAlgorithm},
      {R"({"alg":"EdDSA","kid":"../../../../dev/null"})", Reason::TokenKey},
      {R"({"alg":"EdDSA","kid":"' or '1'='1"})", Reason::TokenKey},
      {R"({"alg":"EdDSA"})", Reason::TokenKey},
      {R"({"alg":"EdDSA","kid":")" + std::string(300, 'k') + "\"}", Reason::TokenMalformed},
      {R"({"alg":"EdDSA","jwk":{"kty":"OKP"},"kid":")" + kid + "\"}", Reason::Ok},
      {R"({"alg":"EdDSA","jku":"https://evil.test","kid":"evil"})", Reason::TokenKey},
  };
  for (const auto& [header, expected] : rows) {
    EXPECT_EQ(reason(bearer(with_header(header))), expected) << header;
    clock_.advance_us(1'000'000);
  }
  EXPECT_EQ(reason(bearer(base64url_encode(R"({"alg":"none"})") + claims + ".")), Reason::TokenKey);
}

TEST_F(BearerTest, EndsWithWhateverItIsBoundTo) {
  struct Row {
    const char* what;
    Reason expected;
    std::function<void()> change;
  };
  const auto user = [this](auto set) {
    return [this, set] {
      User changed = user_of("john.smith");
      set(changed);
      put(changed);
    };
  };
  const Row rows[] = {
      {"password changed or signed out", Reason::TokenEnded,
       user([](User& one) { ++one.security_version; })},
      {"blocked", Reason::UserBlocked, user([](User& one) { one.status = Status::Blocked; })},
      {"active again", Reason::Ok, user([](User& one) { one.status = Status::Active; })},
      {"must change", Reason::PasswordChangeRequired,
       user([](User& one) { one.must_change = true; })},
      {"changed", Reason::Ok, user([](User& one) { one.must_change = false; })},
      {"another network", Reason::UserNetwork,
       user([](User& one) { one.allowed_networks = {*Network::parse("10.0.0.0/8")}; })},
      {"every network", Reason::Ok, user([](User& one) { one.allowed_networks.clear(); })},
      {"application disabled", Reason::ApplicationDisabled,
       [this] {
         Application application;
         application.id = kApplication;
         application.account = kAccount;
         application.status = Status::Disabled;
         put(application);
       }},
      {"application enabled", Reason::Ok,
       [this] {
         Application application;
         application.id = kApplication;
         application.account = kAccount;
         put(application);
       }},
      {"account suspended", Reason::AccountSuspended,
       [this] {
         Account account;
         account.id = kAccount;
         account.status = Status::Suspended;
         put(account);
       }},
      {"account active", Reason::Ok,
       [this] {
         Account account;
         account.id = kAccount;
         put(account);
       }},
      {"key revoked", Reason::KeyRevoked, [this] { change_key(Status::Revoked); }},
  };
  std::string token = issue();
  for (const Row& row : rows) {
    row.change();
    EXPECT_EQ(reason(bearer(token)), row.expected) << row.what;
    EXPECT_EQ(reason(bearer(token)), row.expected) << row.what << ", again";
    clock_.advance_us(1'000'000);
    if (row.expected == Reason::TokenEnded) token = issue();
  }
}

TEST_F(BearerTest, AnotherKeyOfTheApplicationWillDoWhileTheFirstIsGood) {
  const std::string token = issue();
  const std::string second = add_key();
  Sent sent = bearer(token);
  sent.fields[0].second = second;
  EXPECT_EQ(reason(sent), Reason::Ok);
  change_key(Status::Disabled);
  EXPECT_EQ(reason(sent), Reason::TokenEnded);
  change_key(Status::Active);
  EXPECT_EQ(reason(sent), Reason::Ok);
  change_key(Status::Revoked);
  EXPECT_EQ(reason(sent), Reason::TokenEnded);
  sent.fields.erase(sent.fields.begin());
  EXPECT_EQ(reason(sent), Reason::KeyMissing) << "a token is no key";
}

TEST_F(BearerTest, ExpiresAlsoWhenItIsProven) {
  const std::string token = issue();
  EXPECT_EQ(reason(bearer(token)), Reason::Ok);
  clock_.advance_us(kLifetime_us - 1'000'000);
  EXPECT_EQ(reason(bearer(token)), Reason::Ok);
  clock_.advance_us(1'000'000);
  EXPECT_EQ(reason(bearer(token)), Reason::TokenExpired);
}

TEST_F(BearerTest, ARotatedKeyIsGoodForItsOverlap) {
  const std::string token = issue();
  EXPECT_EQ(reason(bearer(token)), Reason::Ok);
  keys_.rotate(auth::TokenAlgorithm::Es256, clock_.unix_us(), 60'000'000, random_);
  own_issuer_.replace(keys_.key_set(), 0);
  const std::string newer = issue();
  EXPECT_EQ(reason(bearer(token)), Reason::Ok);
  EXPECT_EQ(reason(bearer(newer)), Reason::Ok) << "of the other algorithm";
  clock_.advance_us(60'000'000);
  EXPECT_EQ(reason(bearer(token)), Reason::TokenKey);
  EXPECT_EQ(reason(bearer(newer)), Reason::Ok);
  keys_.rotate(auth::TokenAlgorithm::EdDsa, clock_.unix_us(), 0, random_);
  own_issuer_.replace(keys_.key_set(), 0);
  EXPECT_EQ(reason(bearer(newer)), Reason::TokenKey) << "at once";
}

TEST_F(BearerTest, ASignatureIsVerifiedOnce) {
  const std::string token = issue();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(reason(bearer(token)), Reason::Ok);
  EXPECT_EQ(signatures_.checked(), 1U);
}

TEST_F(BearerTest, AProvenTokenDoesNotCareForOthersFailures) {
  const std::string token = issue();
  EXPECT_EQ(reason(bearer(token)), Reason::Ok);
  clock_.advance_us(1'000'000);
  const std::string fresh = issue();
  const std::uint64_t before = signatures_.checked();
  for (int i = 0; i < 40; ++i) (void)reason(bearer("a.b.c"));
  EXPECT_EQ(reason(bearer(fresh)), Reason::TooManyFailures);
  EXPECT_EQ(signatures_.checked(), before) << "nothing of that was worth a signature";
  EXPECT_EQ(reason(bearer(token)), Reason::Ok);
}

TEST_F(BearerTest, WhatIsOurFaultIsNobodysFailure) {
  const std::string token = issue();
  signatures_.stop();
  for (int i = 0; i < 40; ++i) EXPECT_EQ(reason(bearer(token)), Reason::HashPoolFull);
}

TEST_F(BearerTest, OutsideTokensAreRightForTheirIssuerAudienceAndTime) {
  EXPECT_EQ(reason(bearer(outside_token())), Reason::Ok);
  EXPECT_EQ(context_.user->username(), "John.Smith");
  const std::vector<std::tuple<std::string, std::string, Reason>> rows = {
      {"iss", "\"https://login.test/\"", Reason::TokenIssuer},
      {"aud", "\"them\"", Reason::TokenAudience},
      {"aud", "", Reason::TokenAudience},
      {"aud", "[\"them\",\"us\"]", Reason::Ok},
      {"exp", in(-31), Reason::TokenExpired},
      {"exp", in(-29), Reason::Ok},
      {"nbf", in(31), Reason::TokenNotYetValid},
      {"nbf", in(29), Reason::Ok},
      {"sub", "\"nobody\"", Reason::UserUnknown},
      {"sub", "", Reason::TokenMalformed},
  };
  for (const auto& [claim, value, expected] : rows) {
    EXPECT_EQ(reason(bearer(outside_token({{claim, value}}))), expected) << claim << value;
  }
}

TEST_F(BearerTest, OutsideTokensNeedTheirIssuersKeys) {
  const std::string token = outside_token();
  EXPECT_EQ(reason(bearer(token)), Reason::Ok);
  EXPECT_FALSE(outside_.take_miss());
  put_outside(auth::SigningKey::generate(auth::TokenAlgorithm::EdDsa, "new").public_key());
  EXPECT_EQ(reason(bearer(token)), Reason::TokenKey) << "proven, but its key is gone";
  EXPECT_EQ(reason(bearer(outside_token({{"x", "1"}}))), Reason::TokenKey);
  EXPECT_TRUE(outside_.take_miss()) << "it is worth another look";
  clock_.advance_us(86'400'000'000);
  EXPECT_EQ(reason(bearer(outside_token({{"x", "2"}}))), Reason::IssuerAway) << "a day old";
}

TEST_F(BearerTest, AnIssuerSpeaksForItsAccountsAlone) {
  const auth::AccountSlot* other = directory_.find_account(kOtherAccount);
  auth::TokenIssuer theirs(settings(), {other}, reclaimer_);
  auth::Claims claims;
  claims.issuer = &theirs;
  EXPECT_FALSE(theirs.speaks_for(kAccount));
  EXPECT_TRUE(theirs.speaks_for(kOtherAccount));
}

TEST_F(BearerTest, ARouteTakesWhatItSaysAndNothingElse) {
  const std::string token = issue();
  EXPECT_EQ(reason(bearer(token, "/auth/verify")), Reason::Ok);
  EXPECT_EQ(reason(with(basic("john.smith", kPassword), "/auth/verify")),
            Reason::SchemeNotAccepted);
  Sent renewed = good(http::Method::Post, "/auth");
  renewed.fields[1].second = "Bearer " + token;
  EXPECT_EQ(reason(renewed), Reason::SchemeNotAccepted) << "never a token for a token";
  rebuild([](config::Api& api) {
    api.access.auth = {config::Scheme::Bearer};
    api.issues_tokens = false;
  });
  EXPECT_EQ(reason(good()), Reason::SchemeNotAccepted);
  EXPECT_EQ(reason(bearer(token)), Reason::TokenIssuer) << "ours count where they are issued";
  EXPECT_EQ(reason(bearer(outside_token())), Reason::Ok);
  rebuild([](config::Api& api) {
    api.access.auth = {config::Scheme::Basic};
    api.issues_tokens = false;
  });
  EXPECT_EQ(reason(good()), Reason::Ok);
  EXPECT_EQ(reason(bearer(outside_token())), Reason::SchemeNotAccepted);
}

}  // namespace
}  // namespace sallyport::gateway
