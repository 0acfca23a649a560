#include "gateway/authenticator.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

TEST(Scheme, IsTheFirstWordInAnyCase) {
  EXPECT_TRUE(is_of_scheme("Basic abc", "basic"));
  EXPECT_TRUE(is_of_scheme("bAsIc\tabc", "basic"));
  EXPECT_TRUE(is_of_scheme("Bearer", "bearer")) << "without a credential it is still of it";
  EXPECT_FALSE(is_of_scheme("Basicabc", "basic"));
  EXPECT_FALSE(is_of_scheme("Bearer Basic", "basic"));
  EXPECT_FALSE(is_of_scheme("", "basic"));
}

class FindUserTest : public DoorsFixture {};

TEST_F(FindUserTest, WithoutAKeyTheApisAccountsAreAsked) {
  add_user("both", Status::Active, {}, kOtherAccount);
  const auth::AccountSlot* first = directory_.find_account(kOtherAccount);
  const auth::AccountSlot* second = directory_.find_account(kAccount);
  VirtualHost host;
  Api api;
  api.accounts = {first, second};
  host.api = &api;
  context_.match.host = &host;
  EXPECT_EQ(find_user(directory_, context_, "both").user->account(), kOtherAccount);
  EXPECT_EQ(find_user(directory_, context_, "john.smith").user->account(), kAccount);
  add_user("both", Status::Active, {});
  EXPECT_EQ(find_user(directory_, context_, "both").user->account(), kOtherAccount) << "the first";
  api.accounts = {second};
  EXPECT_EQ(find_user(directory_, context_, "both").user->account(), kAccount);
  EXPECT_EQ(find_user(directory_, context_, "nobody").user, nullptr);
  api.accounts.clear();
  EXPECT_EQ(find_user(directory_, context_, "both").user, nullptr) << "no account, nobody";
}

}  // namespace
}  // namespace sallyport::gateway
