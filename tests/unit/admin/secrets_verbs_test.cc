#include <unistd.h>

#include <filesystem>

#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class SecretsVerbs : public test::CommandFixture {
 protected:
  SecretsVerbs() {
    CommandServices services;
    services.signing_keys = [this]() -> Result<auth::SigningKeys> {
      if (!there_) return fail(ErrorKind::NotFound, "not there");
      return keys_;
    };
    services.put_signing_keys = [this](const auth::SigningKeys& keys) -> Result<void> {
      if (disk_full_) return fail(ErrorKind::Unavailable, "disk full");
      keys_ = keys;
      there_ = true;
      return {};
    };
    services.tokens.lifetime = config::milliseconds(60'000);
    services.clock = &clock;
    services.random = &random;
    commands = *Commands::open(store, std::move(services));
  }
  auth::SigningKeys keys_;
  bool there_ = false;
  bool disk_full_ = false;
};

TEST_F(SecretsVerbs, ANewKeySignsAndTheOldOneVerifiesForALifetime) {
  refused("secrets list", "", {}, "not there");
  const std::string first = done("secrets rotate-signing-key").json;
  EXPECT_NE(first.find("\"state\":\"signs\""), std::string::npos) << first;
  EXPECT_EQ(first.find("\"state\":\"verifies\""), std::string::npos) << first;
  const std::string second = done("secrets rotate-signing-key").json;
  EXPECT_NE(second.find("\"state\":\"verifies\""), std::string::npos) << second;
  ASSERT_EQ(keys_.keys().size(), 2U);
  EXPECT_EQ(keys_.keys()[1].until_us, clock.unix_us() + 60'000'000);
  EXPECT_EQ(done("secrets list").json, second);
  const Secret text = keys_.write();
  const std::string secret(text.reveal().substr(text.reveal().rfind(' ') + 1, 64));
  EXPECT_EQ(done("secrets list").text.find(secret), std::string::npos);
  ASSERT_EQ(store.changes.size(), 2U);
  EXPECT_EQ(store.changes[1].audit.action, "secrets.rotate-signing-key");
  EXPECT_EQ(store.changes[1].audit.subject, "signing key " + keys_.keys()[0].key.public_key().kid);
}

TEST_F(SecretsVerbs, TheOverlapMayBeSaid) {
  done("secrets rotate-signing-key");
  done("secrets rotate-signing-key", "", {{"overlap", {"0s"}}});
  EXPECT_EQ(keys_.keys().size(), 1U);
  done("secrets rotate-signing-key", "", {{"overlap", {"2h"}}});
  EXPECT_EQ(keys_.keys()[1].until_us, clock.unix_us() + 7'200'000'000);
  for (const char* wrong : {"x", "25h", "-1s"}) {
    refused(
        "secrets rotate-signing-key", "", {{"overlap", {wrong}}},
        "--overlap must be a duration like 30m, at most 24h, not \"" + std::string(wrong) + "\"");
  }
}

TEST_F(SecretsVerbs, WhatCannotBeWrittenIsSaid) {
  disk_full_ = true;
  const auto reply = run("secrets rotate-signing-key");
  EXPECT_EQ(reply.exit_code, kRefused);
  EXPECT_EQ(reply.error, "disk full");
  EXPECT_TRUE(keys_.keys().empty());
}

}  // namespace
}  // namespace sallyport::admin
