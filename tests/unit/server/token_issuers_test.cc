#include "server/token_issuers.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "admin/secrets_directory.h"
#include "auth/token/jwk.h"
#include "base/whole_file.h"

namespace sallyport::server {
namespace {

class TokenIssuersTest : public testing::Test {
 protected:
  TokenIssuersTest() {
    std::filesystem::create_directories(directory_);
    EXPECT_TRUE(admin::make_secrets_directory(directory_, random_));
    config_.base_directory = directory_;
    Account account;
    account.id = {0xA1};
    account.name = "Demo";
    accounts_ = {account};
    Entities entities;
    entities.accounts = accounts_;
    table_.load(entities);
  }
  ~TokenIssuersTest() override { std::filesystem::remove_all(directory_); }

  config::Issuer& add_issuer(std::vector<std::string> accounts) {
    config::Issuer& issuer = config_.issuers.emplace_back();
    issuer.name = "login" + std::to_string(config_.issuers.size());
    issuer.issuer = issuer.name;
    issuer.algorithms = {auth::TokenAlgorithm::EdDsa};
    issuer.accounts = std::move(accounts);
    issuer.jwks_file = directory_ + "/" + issuer.name + ".json";
    const auth::SigningKey key = auth::SigningKey::generate(auth::TokenAlgorithm::EdDsa, "a");
    EXPECT_TRUE(
        write_whole_file(issuer.jwks_file, auth::write_jwks(std::vector{key.public_key()})));
    return issuer;
  }
  std::string open() {
    TokenIssuers issuers(config_, clock_, reclaimer_);
    const auto opened = issuers.open(table_, accounts_);
    return opened ? "" : opened.error().message;
  }

  const std::string directory_ =
      testing::TempDir() + std::to_string(::getpid()) + "-token_issuers_test";
  SystemRandom random_;
  ManualClock clock_;
  ImmediateReclaimer reclaimer_;
  auth::Directory table_{reclaimer_};
  config::Config config_;
  std::vector<Account> accounts_;
};

TEST_F(TokenIssuersTest, TheFirstSigningKeyIsMadeAndStays) {
  std::string first;
  for (int i = 0; i < 2; ++i) {
    TokenIssuers issuers(config_, clock_, reclaimer_);
    ASSERT_TRUE(issuers.open(table_, accounts_));
    const auth::KeySet* keys = issuers.own().keys(clock_.unix_us());
    ASSERT_NE(keys, nullptr);
    const std::string kid = keys->signer->public_key().kid;
    if (first.empty()) first = kid;
    EXPECT_EQ(kid, first);
  }
  EXPECT_TRUE(admin::check_secrets_directory(directory_)) << "readable by its owner alone";
}

TEST_F(TokenIssuersTest, ARotationIsInForceAtOnce) {
  TokenIssuers issuers(config_, clock_, reclaimer_);
  ASSERT_TRUE(issuers.open(table_, accounts_));
  auth::SigningKeys keys = *admin::load_signing_keys(directory_);
  keys.rotate(auth::TokenAlgorithm::Es256, clock_.unix_us(), 0, random_);
  issuers.apply(keys);
  EXPECT_EQ(issuers.own().keys(clock_.unix_us())->signer->public_key().kid,
            keys.keys()[0].key.public_key().kid);
}

TEST_F(TokenIssuersTest, OutsideIssuersAreFoundByNameWithTheirAccounts) {
  add_issuer({"Demo"});
  add_issuer({"*"});
  TokenIssuers issuers(config_, clock_, reclaimer_);
  ASSERT_TRUE(issuers.open(table_, accounts_));
  EXPECT_EQ(issuers.outside({}).size(), 0U);
  EXPECT_EQ(issuers.outside({"login1", "login2"}).size(), 2U);
  const auth::TokenIssuer* one = issuers.outside({"login1"}).at(0);
  EXPECT_TRUE(one->speaks_for({0xA1}));
  EXPECT_FALSE(one->speaks_for({0xA2}));
  EXPECT_TRUE(issuers.outside({"login2"}).at(0)->speaks_for({0xA2}));
  EXPECT_NE(one->keys(clock_.unix_us())->find("a", 0), nullptr);
}

TEST_F(TokenIssuersTest, WhatIsWrongIsNamed) {
  add_issuer({"Nobody"});
  EXPECT_EQ(open(), "issuer \"login1\": there is no account \"Nobody\"");
  config_.issuers.clear();
  std::filesystem::remove(add_issuer({"*"}).jwks_file);
  EXPECT_EQ(open(), "issuer \"login1\": " + directory_ + "/login1.json: No such file or directory");
  config_.issuers.clear();
  ASSERT_TRUE(write_whole_file(directory_ + "/secrets/signing.keys", "junk\n"));
  EXPECT_EQ(open(), directory_ + "/secrets/signing.keys: line 1: not a signing key");
}

}  // namespace
}  // namespace sallyport::server
