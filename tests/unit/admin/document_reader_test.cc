#include "admin/document_reader.h"

#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class DocumentReader : public test::CommandFixture {};

TEST_F(DocumentReader, WhatIsLeftOutStays) {
  done("account create", "Acme", {{"time-zone", {"Europe/Rome"}}});
  const auto reply = run("apply", "x.toml", {},
                         {{"document", "[[account]]\nname = \"Acme\"\nstatus = \"suspended\"\n"}});
  EXPECT_EQ(reply.exit_code, kDone) << reply.error;
  EXPECT_EQ(commands->model().account("Acme")->time_zone, "Europe/Rome");
  EXPECT_EQ(commands->model().account("Acme")->status, Status::Suspended);
}

TEST_F(DocumentReader, AnEmptyTextTakesAValueAway) {
  const std::string subscription = subscribe();
  const std::string key = member(
      done("key create", "", {{"subscription", {"App"}}, {"expires", {"2100-01-01"}}}), "id");
  const std::string table = "[[key]]\nid = \"" + key + "\"\n";
  const auto apply = [&](const std::string& fields) {
    return run("apply", "x.toml", {}, {{"document", table + fields}});
  };
  EXPECT_EQ(apply("expires = \"\"\nrate_per_second = 3\n").exit_code, kDone);
  EXPECT_EQ(commands->model().key(key)->expires_us, 0);
  EXPECT_EQ(commands->model().key(key)->limits.rate_per_second, 3U);
  EXPECT_EQ(apply("rate_per_second = \"subscription\"\n").exit_code, kDone);
  EXPECT_FALSE(commands->model().key(key)->limits.rate_per_second);
  for (const char* bad :
       {"expires = \"tomorrow\"\n", "expires = 7\n", "rate_per_second = -1\n",
        "rate_per_second = \"plan\"\n", "weak = \"no\"\n", "environment = \"prod\"\n",
        "digest = \"00\"\n", "rate_windows = [\"5/2h\"]\n", "rate_windows = \"5/2s\"\n",
        "quota_anchor = 32\n", "quota_anchor = 2\n", "quota_time_zone = \"Mars\"\n",
        "concurrency = \"none\"\n"}) {
    const auto reply = apply(bad);
    EXPECT_EQ(reply.exit_code, kRefused) << bad;
    EXPECT_NE(reply.error.find("x.toml:3:1: "), std::string::npos) << reply.error;
  }
}

}  // namespace
}  // namespace sallyport::admin
