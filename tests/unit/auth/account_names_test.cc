#include "auth/account_names.h"

#include <gtest/gtest.h>

namespace sallyport::auth {
namespace {

class AccountNames : public testing::Test {
 protected:
  AccountNames() {
    add(0xA1, "Demo");
    add(0xA2, "Other");
    add(0xA3, "Other");
    add(0xA4, "00000000000000A1");
    Entities entities;
    entities.accounts = accounts_;
    directory_.load(entities);
  }
  void add(std::uint64_t id, std::string name) {
    Account account;
    account.id = {id};
    account.name = std::move(name);
    accounts_.push_back(account);
  }
  std::string found(const std::vector<std::string>& names) {
    const auto slots = find_accounts(directory_, accounts_, names);
    if (!slots) return slots.error().message;
    std::string text;
    for (const AccountSlot* slot : *slots) text += slot->id.hex().substr(14) + " ";
    return text;
  }

  ImmediateReclaimer reclaimer_;
  Directory directory_{reclaimer_};
  std::vector<Account> accounts_;
};

TEST_F(AccountNames, AreNamesOrIdsInTheirOrder) {
  EXPECT_EQ(found({}), "");
  EXPECT_EQ(found({"Demo"}), "A1 ");
  EXPECT_EQ(found({"00000000000000A3", "Demo"}), "A3 A1 ");
  EXPECT_EQ(found({"Demo", "Demo"}), "A1 ") << "once";
}

TEST_F(AccountNames, WhatIsNotOneAccountIsAnError) {
  EXPECT_EQ(found({"Nobody"}), "there is no account \"Nobody\"");
  EXPECT_EQ(found({"demo"}), "there is no account \"demo\"");
  EXPECT_EQ(found({"Demo", "Other"}), "\"Other\" means two accounts: give the id");
  EXPECT_EQ(found({"00000000000000A1"}), "\"00000000000000A1\" means two accounts: give the id")
      << "one has it for an id, one for a name";
}

}  // namespace
}  // namespace sallyport::auth
