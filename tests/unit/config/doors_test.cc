#include "config/doors.h"

#include <gtest/gtest.h>

#include "config/parse.h"
#include "support/golden.h"

namespace sallyport::config {
namespace {

using std::chrono::milliseconds;

// With a listener and a host, so that nothing but the doors can be wrong.
Parsed with_api(const std::string& lines, const std::string& before = "") {
  return parse("[[listener]]\nkind='tls'\ncertificate='a'\nkey='b'\n" + before +
                   "[[api]]\nname='a'\nhost=[{host='a.example.com'}]\n" + lines,
               "x.toml");
}

Config full() {
  return parse(test::read_text(test::golden_path("config/full.toml")), "/etc/x.toml").config;
}

TEST(Doors, EveryKeyReachesItsField) {
  const Config config = full();
  EXPECT_EQ(config.tokens.issuer, "https://api.example.com");
  EXPECT_EQ(config.tokens.algorithm, TokenAlgorithm::Es256);
  EXPECT_EQ(config.tokens.lifetime, milliseconds(600'000));
  ASSERT_EQ(config.issuers.size(), 2U);
  const Issuer& login = config.issuers[0];
  EXPECT_EQ(login.name, "login");
  EXPECT_EQ(login.issuer, "https://login.example.com");
  EXPECT_EQ(login.audience, (std::vector<std::string>{"sallyport", "messaging"}));
  EXPECT_EQ(login.jwks_url, "https://login.example.com/jwks.json");
  EXPECT_EQ(login.ca_file, "/etc/tls/login-ca.pem");
  EXPECT_EQ(login.algorithms, (std::vector{TokenAlgorithm::Rs256, TokenAlgorithm::EdDsa}));
  EXPECT_EQ(login.user_claim, "preferred_username");
  EXPECT_EQ(login.accounts, std::vector<std::string>{"Demo"});
  EXPECT_EQ(login.leeway, milliseconds(10'000));
  EXPECT_EQ(login.refresh, milliseconds(60'000));
  EXPECT_EQ(config.issuers[1].jwks_file, "/etc/partner.json");
  EXPECT_EQ(config.apis[0].issuers, (std::vector<std::string>{"login", "partner"}))
      << "all of them";
  const Api& classic = config.apis[1];
  EXPECT_EQ(classic.access.doors, Doors::UserOnly);
  EXPECT_EQ(classic.access.auth, (std::vector{Scheme::Bearer, Scheme::Basic}));
  EXPECT_EQ(classic.accounts, (std::vector<std::string>{"Demo", "Other"}));
  EXPECT_EQ(classic.issuers, std::vector<std::string>{"partner"});
  EXPECT_FALSE(classic.issues_tokens);
}

TEST(Doors, WithoutAWordBothDoorsStand) {
  const Api api = with_api("").config.apis.at(0);
  EXPECT_EQ(api.access.doors, Doors::KeyAndUser);
  EXPECT_TRUE(api.access.accepts(Scheme::Bearer));
  EXPECT_TRUE(api.access.accepts(Scheme::Basic));
  EXPECT_TRUE(api.issues_tokens);
}

// What is told to be open is open, and whatever only looks open by omission is refused.
TEST(Doors, NothingIsOpenByOmission) {
  struct Row {
    const char* lines;
    bool usable;
    const char* why;
  };
  const Row rows[] = {
      {"auth=['basic']", true, "one scheme"},
      {"auth=['bearer']", true, "one scheme"},
      {"auth=[]", false, "nobody could get in, or everybody"},
      {"auth=['none']", false, "no scheme"},
      {"doors='key only'", true, "stated"},
      {"doors='key only'\nauth=[]", false, "auth is not what says it"},
      {"doors='key only'\nauth=['basic']", false, "contradiction"},
      {"doors='user only'", false, "in which account?"},
      {"doors='user only'\naccounts=['Demo']", true, "stated"},
      {"doors='user only'\naccounts=['Demo']\nauth=[]", false, "nobody could get in"},
      {"doors='user only'\naccounts=['Demo']\n[api.key]\nheader='x'", false, "there is no key"},
      {"accounts=['Demo']", false, "the key says it"},
      {"doors='none'", false, "the engine needs an account"},
      {"doors=''", false, "no word for it"},
      {"auth=['basic']\ntokens=true", false, "nobody could use them"},
      {"auth=['basic']\ntokens=false", true, "as it is anyway"},
      {"issuers=['x']", false, "no such issuer"},
      {"auth=['certificate']", false, "no host asks for one"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(with_api(row.lines).usable(), row.usable) << row.lines << ": " << row.why;
  }
}

Parsed with_certificates(const std::string& lines) {
  return parse("[[listener]]\nkind='tls'\ncertificate='a'\nkey='b'\n[[api]]\nname='a'\n" + lines +
                   "\n[[api.host]]\nhost='a.example.com'\nclient_certificates='optional'\n"
                   "client_ca='c'\nclient_name='san email'\n",
               "x.toml");
}

TEST(Doors, ACertificateCountsWhereItIsNamed) {
  const Parsed gate = with_certificates("");
  EXPECT_TRUE(gate.usable());
  EXPECT_FALSE(gate.config.apis.at(0).access.accepts(Scheme::Certificate));
  ASSERT_EQ(gate.problems.size(), 1U);
  EXPECT_TRUE(gate.problems[0].warning) << "client_name names nobody";
  const Parsed named = with_certificates("auth=['certificate']");
  EXPECT_TRUE(named.problems.empty());
  EXPECT_FALSE(named.config.apis.at(0).issues_tokens) << "nobody could use them";
  EXPECT_TRUE(with_certificates("auth=['bearer','certificate']").config.apis.at(0).issues_tokens);
}

TEST(Doors, DoorsWithoutUsersHaveNoSchemes) {
  const Api api = with_api("doors='key only'").config.apis.at(0);
  EXPECT_TRUE(api.access.auth.empty());
  EXPECT_FALSE(api.issues_tokens);
}

TEST(Doors, WordsAreThoseOfTheFile) {
  EXPECT_EQ(to_string(Doors::KeyAndUser), "key and user");
  EXPECT_EQ(to_string(Doors::KeyOnly), "key only");
  EXPECT_EQ(to_string(Doors::UserOnly), "user only");
  EXPECT_EQ(to_string(Doors::None), "none");
  EXPECT_EQ(to_string(Scheme::Bearer), "bearer");
  EXPECT_EQ(to_string(Scheme::Basic), "basic");
  EXPECT_EQ(to_string(Scheme::Certificate), "certificate");
  EXPECT_EQ(to_string(TokenAlgorithm::EdDsa), "EdDSA");
  EXPECT_EQ(to_string(TokenAlgorithm::Es256), "ES256");
  EXPECT_EQ(to_string(TokenAlgorithm::Rs256), "RS256");
}

}  // namespace
}  // namespace sallyport::config
