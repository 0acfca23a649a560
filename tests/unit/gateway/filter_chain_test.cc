#include "gateway/filter_chain.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

using FilterChainTest = DoorsFixture;

// Each row breaks one check; all later ones are broken too, and yet the first one answers.
TEST_F(FilterChainTest, ChecksRefuseInTheirOrderEvenWhenSeveralWould) {
  add_user("nobody.may", Status::Active, {});
  const std::string wrong_user = basic("john.smith", "wrong");
  const std::string no_roles = basic("nobody.may", kPassword);

  Sent sent = good(http::Method::Post);
  sent.transport = http::Transport::Refused;
  sent.fields = {
      {"origin", "https://evil.test"}, {"x-api-key", "bad"}, {"authorization", wrong_user}};
  EXPECT_EQ(reason(sent), Reason::TlsRequired);
  sent.transport = http::Transport::Tls;
  EXPECT_EQ(reason(sent), Reason::OriginRefused);
  sent.host = "closed.test";
  sent.fields.erase(sent.fields.begin());
  EXPECT_EQ(reason(sent), Reason::Maintenance);
  sent.host = "api.test";
  EXPECT_EQ(reason(sent), Reason::KeyUnknown) << "a bad key is a bad key whatever the password";

  set_limits({0, {}, 0, QuotaPeriod::Day});
  plan_.opens = {{{"messaging", "messages.list", {}, ""}, {}}};
  put(plan_);
  sent.fields[0].second = key_;
  EXPECT_EQ(reason(sent), Reason::NotOpenedByPlan) << "before the thresholds";
  plan_.opens = {{{"*", "*", {}, ""}, {}}};
  put(plan_);
  EXPECT_EQ(reason(sent), Reason::OverRate) << "before the user";
  set_limits({{}, {}, 0, QuotaPeriod::Day});
  EXPECT_EQ(reason(sent), Reason::OverQuota) << "before the user";
  set_limits({});
  EXPECT_EQ(reason(sent), Reason::PasswordWrong);
  sent.fields[1].second = no_roles;
  EXPECT_EQ(reason(sent), Reason::NoPermission);
  sent.fields[1].second = basic("john.smith", kPassword);
  EXPECT_EQ(reason(sent), Reason::Ok);
}

TEST_F(FilterChainTest, TheOrderOfFieldsChangesNothing) {
  Sent sent = good();
  EXPECT_EQ(reason(sent), Reason::Ok);
  std::reverse(sent.fields.begin(), sent.fields.end());
  EXPECT_EQ(reason(sent), Reason::Ok);
}

TEST_F(FilterChainTest, TheFiltersStandInTheOrderOfTheDoors) {
  std::vector<std::string_view> names;
  for (const Filter* filter : chain_.filters()) names.push_back(filter->name());
  EXPECT_EQ(names, (std::vector<std::string_view>{"transport", "application", "thresholds", "user",
                                                  "permission", "thresholds_taken"}));
  const auto of = [this](config::Doors doors) {
    std::string text;
    for (const Filter* filter : chain_.filters(doors)) text += std::string(filter->name()) + " ";
    return text;
  };
  EXPECT_EQ(of(config::Doors::KeyOnly), "transport application thresholds_taken ");
  EXPECT_EQ(of(config::Doors::UserOnly),
            "transport keyless thresholds user permission thresholds_taken ");
  EXPECT_EQ(of(config::Doors::None), "transport keyless thresholds_taken ");
}

}  // namespace
}  // namespace sallyport::gateway
