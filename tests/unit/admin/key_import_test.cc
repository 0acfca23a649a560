#include "admin/key_import.h"

#include "admin/rows.h"
#include "base/crypto.h"
#include "support/command_fixture.h"

namespace sallyport::admin {
namespace {

class KeyImport : public test::CommandFixture {
 protected:
  RowsResult import(const std::vector<std::string>& rows, Options options = {}) {
    std::vector<Row> numbered;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      numbered.push_back({static_cast<std::int64_t>(i + 1), rows[i]});
    }
    if (!options.contains("subscription")) options["subscription"] = {subscription_};
    const CommandReply reply =
        done("key import", "keys.csv", options, {{"rows", write_rows(numbered)}});
    return parse_rows_result(reply.json).value_or(RowsResult{});
  }
  // The rule that a row breaks.
  std::string rule(const std::string& row, Options options = {}) {
    const RowsResult result = import({row}, std::move(options));
    return result.refused.empty() ? "" : result.refused.front().rule;
  }
  ApiKey imported(const std::string& key) {
    return *commands->model().keys.find(**store.find_key(sha256(key)));
  }
  const std::string subscription_ = subscribe();
};

TEST_F(KeyImport, KeysComeInWithAllThatIsSaidOfThem) {
  const RowsResult result = import(
      {R"({"key":"an-old-key-of-ours-0001","note":"shop","allowed_networks":"10.0.0.0/8 ::1",)"
       R"("expires":"2099-01-01","not_before":"2027-01-01T00:00:00Z","status":"disabled",)"
       R"("rate_per_second":"5","quota":"100","quota_period":"month"})",
       R"({"key":"an-old-key-of-ours-0002"})"});
  EXPECT_EQ(result.done, 2);
  EXPECT_TRUE(result.refused.empty());
  const ApiKey key = imported("an-old-key-of-ours-0001");
  EXPECT_EQ(key.subscription.hex(), subscription_);
  EXPECT_EQ(key.hint, "...0001");
  EXPECT_EQ(key.note, "shop");
  EXPECT_EQ(key.status, Status::Disabled);
  EXPECT_EQ(key.allowed_networks.size(), 2U);
  EXPECT_EQ(key.limits.rate_per_second, 5U);
  EXPECT_EQ(key.limits.quota_period, QuotaPeriod::Month);
  EXPECT_FALSE(key.weak);
  EXPECT_EQ(imported("an-old-key-of-ours-0002").status, Status::Active);
  const Change& change = store.changes.back();
  EXPECT_EQ(change.put.size(), 2U) << "in one transaction";
  EXPECT_EQ(change.events.at(0).kind, "keys.imported");
  EXPECT_EQ(change.audit.action, "key.import");
  EXPECT_EQ(change.audit.json, R"({"keys":2,"first_line":1,"last_line":2})");
}

TEST_F(KeyImport, TheSameAgainIsThereAlready) {
  const std::vector<std::string> rows = {R"({"key":"an-old-key-of-ours-0001"})",
                                         R"({"key":"an-old-key-of-ours-0002"})"};
  EXPECT_EQ(import({rows[0]}).done, 1);
  const RowsResult again = import(rows);
  EXPECT_EQ(again.done, 1);
  EXPECT_EQ(again.present, 1);
  done("key revoke", imported("an-old-key-of-ours-0001").id.hex());
  EXPECT_EQ(import(rows).present, 2);
  EXPECT_EQ(imported("an-old-key-of-ours-0001").status, Status::Revoked) << "never un-revoked";
  EXPECT_EQ(import({rows[0], rows[0], R"({"key":"an-old-key-of-ours-0003"})",
                    R"({"key":"an-old-key-of-ours-0003"})"})
                .refused.at(0)
                .rule,
            "it has the same key as line 3");
}

TEST_F(KeyImport, RefusalsArePrecise) {
  done("plan update", "Gold", {{"rate", {"10"}}});
  const std::string good = "an-old-key-of-ours-0001";
  const struct {
    std::string row;
    std::string rule;
  } cases[] = {
      {R"({"key":"short"})", "an API key has at least 16 bytes"},
      {R"({"key":"sp_live_an-old-key-of-ours"})",
       "an imported API key may not begin with sp_live_ or sp_test_"},
      {R"({"key":"with a blank in the key"})", "an API key has only bytes of %x21-7E"},
      {R"({"key":")" + std::string(256, 'x') + R"("})", "an API key has at most 255 bytes"},
      {R"({"key":")" + good + R"(","subscription":"nobody"})",
       "there is no subscription \"nobody\""},
      {R"({"key":")" + good + R"(","allowed_networks":"10.0.0.1/8"})",
       "\"10.0.0.1/8\" has host bits set; the network is 10.0.0.0/8"},
      {R"({"key":")" + good + R"(","expires":"soon"})",
       "expires must be a time like 2027-01-31T12:00:00Z or a date like 2027-01-31"},
      {R"({"key":")" + good + R"(","expires":"2001-01-01"})",
       "the expiry 2001-01-01T00:00:00Z is in the past"},
      {R"({"key":")" + good + R"(","rate_per_second":"11"})",
       "the key's rate is 11, above the subscription's, which is 10: a key may only lower it"},
      {R"({"key":")" + good + R"(","quota":"many"})",
       "quota must be a number from 0 to 1000000000000000"},
      {R"({"key":")" + good + R"(","status":"open"})",
       "status must be active, waiting, unclaimed, disabled or revoked"},
      {R"({"key":")" + good + R"(","environment":"test"})",
       "its environment must be live, as that of subscription " + subscription_},
      {R"({"key":")" + good + R"(","note":"a\u0007b"})", "note must have no control characters"},
  };
  for (const auto& one : cases) EXPECT_EQ(rule(one.row), one.rule) << one.row;
  EXPECT_TRUE(commands->model().keys.all().empty());
  EXPECT_EQ(rule(R"({"key":")" + good + R"("})", {{"subscription", {""}}}),
            "it names no subscription, and --subscription is not given");
}

TEST_F(KeyImport, WeakKeysOnlyWhenToldAndMarkedForEver) {
  EXPECT_EQ(rule(R"({"key":"pin-1234"})"), "an API key has at least 16 bytes");
  const RowsResult result = import({R"({"key":"pin-1234"})"}, {{"accept-weak", {""}}});
  EXPECT_EQ(result.done, 1);
  EXPECT_EQ(result.flagged, 1);
  EXPECT_TRUE(imported("pin-1234").weak);
  EXPECT_EQ(imported("pin-1234").hint, "") << "four of eight bytes would be half of it";
}

TEST_F(KeyImport, AKeyOfSomebodyElseIsRefused) {
  done("application create", "Second", {{"account", {"Acme"}}});
  const std::string other = member(
      done("subscription create", "", {{"application", {"Second"}}, {"plan", {"Gold"}}}), "id");
  import({R"({"key":"an-old-key-of-ours-0001"})"});
  const std::string id = imported("an-old-key-of-ours-0001").id.hex();
  EXPECT_EQ(rule(R"({"key":"an-old-key-of-ours-0001","application":"Second"})"),
            "the key is there already: it is " + id + " of subscription " + subscription_);
  EXPECT_EQ(rule(R"({"key":"an-old-key-of-ours-0002","application":"Second"})"), "");
  EXPECT_EQ(imported("an-old-key-of-ours-0002").subscription.hex(), other);
}

TEST_F(KeyImport, ThePlanCountsImportedKeysToo) {
  done("plan update", "Gold", {{"keys-per-application", {"2"}}});
  const RowsResult result =
      import({R"({"key":"an-old-key-of-ours-0001"})", R"({"key":"an-old-key-of-ours-0002"})",
              R"({"key":"an-old-key-of-ours-0003"})"});
  EXPECT_EQ(result.done, 2);
  EXPECT_EQ(result.refused.at(0).rule, "the application has 2 keys, and its plan allows 2");
}

TEST_F(KeyImport, AStoreThatIsAwayStopsIt) {
  store.away = true;
  const CommandReply reply =
      run("key import", "keys.csv", {{"subscription", {subscription_}}},
          {{"rows", write_rows({{1, R"({"key":"an-old-key-of-ours-0001"})"}})}});
  EXPECT_EQ(reply.exit_code, kRefused);
  EXPECT_EQ(reply.error, "nothing was changed: the store is away");
  EXPECT_EQ(run("key import", "keys.csv").exit_code, kBadUsage);
}

}  // namespace
}  // namespace sallyport::admin
