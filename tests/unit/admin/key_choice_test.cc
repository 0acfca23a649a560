#include "admin/key_choice.h"

#include "admin/rows.h"
#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class KeyChoiceTest : public test::CommandFixture {
 protected:
  KeyChoiceTest() {
    done("application create", "Second", {{"account", {"Acme"}}});
    second_ = member(
        done("subscription create", "", {{"application", {"Second"}}, {"plan", {"Gold"}}}), "id");
    for (const std::string& subscription : {first_, first_, second_}) {
      ids_.push_back(member(done("key create", "", {{"subscription", {subscription}}}), "id"));
    }
  }
  std::size_t revoked() {
    return commands->model().keys.count(
        [](const ApiKey& key) { return key.status == Status::Revoked; });
  }
  const std::string first_ = subscribe();
  std::string second_;
  std::vector<std::string> ids_;
};

TEST_F(KeyChoiceTest, AListIsNarrowed) {
  const auto listed = [&](Options options) {
    const std::string json = done("key list", "", std::move(options)).json;
    std::string found;
    for (const std::string& id : ids_) found += json.contains(id) ? '1' : '0';
    return found;
  };
  EXPECT_EQ(listed({}), "111");
  EXPECT_EQ(listed({{"application", {"Second"}}}), "001");
  EXPECT_EQ(listed({{"subscription", {first_}}}), "110");
  EXPECT_EQ(listed({{"account", {"Acme"}}}), "111");
  done("key disable", ids_[0]);
  EXPECT_EQ(listed({{"status", {"disabled"}}}), "100");
  commands->note_uses({{commands->model().key(ids_[1])->id, 1'800'000'000'000'000}});
  EXPECT_EQ(listed({{"unused-since", {"2026-01-01"}}}), "101");
  refused("key list", "", {{"status", {"gone"}}},
          "--status must be active, waiting, unclaimed, disabled or revoked, not \"gone\"");
}

TEST_F(KeyChoiceTest, EverybodysKeysAreRevokedInOneChange) {
  EXPECT_EQ(done("key revoke", "", {{"application", {"App"}}}).text, "2 keys revoked\n");
  EXPECT_EQ(revoked(), 2U);
  const Change& change = store.changes.back();
  EXPECT_EQ(change.events.size(), 2U);
  EXPECT_EQ(change.events[0].kind, "key.revoked");
  EXPECT_EQ(change.audit.subject, "2 keys");
  EXPECT_EQ(done("key revoke", "", {{"account", {"Acme"}}}).text, "1 key revoked\n");
  EXPECT_EQ(done("key revoke", "", {{"subscription", {second_}}}).text, "0 keys revoked\n");
  EXPECT_EQ(run("key revoke").exit_code, kBadUsage);
}

TEST_F(KeyChoiceTest, ByAFileOfIds) {
  done("key revoke", ids_[1]);
  const CommandReply reply =
      done("key revoke", "", {{"ids", {"file"}}},
           {{"rows", write_rows({{1, ids_[0]}, {2, ids_[1]}, {3, "nothing"}, {4, ids_[0]}})}});
  const auto result = parse_rows_result(reply.json);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->done, 1);
  EXPECT_EQ(result->present, 1);
  ASSERT_EQ(result->refused.size(), 1U);
  EXPECT_EQ(result->refused[0].line, 3);
  EXPECT_EQ(result->refused[0].rule, "there is no key \"nothing\"");
  EXPECT_EQ(revoked(), 2U);
}

TEST_F(KeyChoiceTest, HoldsWithoutTheStore) {
  store.away = true;
  const CommandReply reply = run("key revoke", "", {{"account", {"Acme"}}});
  EXPECT_EQ(reply.exit_code, kRefused);
  EXPECT_TRUE(reply.error.starts_with("in force, but not durable")) << reply.error;
  EXPECT_EQ(revoked(), 3U);
}

}  // namespace
}  // namespace sallyport::admin
