#include "messaging/sender_directory.h"

#include <gtest/gtest.h>

#include "unit/messaging/engine_fixture.h"

namespace sallyport::messaging::test {
namespace {

Sender sender(std::uint64_t id, SenderKind kind, std::string value,
              Status status = sallyport::Status::Active, AccountId account = kAccount) {
  Sender made;
  made.id = SenderId{id};
  made.account = account;
  made.kind = kind;
  made.value = std::move(value);
  made.status = status;
  made.created_us = static_cast<std::int64_t>(id);
  return made;
}

TEST(SenderTable, KnowsWhatEachAccountMaySendFrom) {
  ImmediateReclaimer reclaimer;
  SenderTable table(reclaimer);
  EXPECT_EQ(table.of(kAccount), nullptr);
  Entities all;
  all.senders = {
      sender(2, SenderKind::Address, "b@other.example"),
      sender(1, SenderKind::Address, "a@other.example"),
      sender(3, SenderKind::Domain, "example.com"),
      sender(4, SenderKind::Domain, "waiting.example", sallyport::Status::Waiting),
      sender(5, SenderKind::Sms, "ACME"),
      sender(6, SenderKind::Domain, "theirs.example", sallyport::Status::Active, kOtherAccount)};
  SendingRules rules;
  rules.id = kAccount;
  rules.per_day = 7;
  all.sending_rules = {rules};
  table.load(all);
  const SendingRecord* mine = table.of(kAccount);
  ASSERT_NE(mine, nullptr);
  EXPECT_EQ(mine->rules.per_day, 7U);
  EXPECT_EQ(mine->first_address(), "a@other.example");
  struct Case {
    const char* address;
    bool may;
  };
  const Case cases[] = {{"anyone@example.com", true}, {"anyone@EXAMPLE.com", true},
                        {"x@sub.example.com", false}, {"A@other.example", true},
                        {"c@other.example", false},   {"x@waiting.example", false},
                        {"x@theirs.example", false}};
  for (const Case& one : cases) EXPECT_EQ(mine->may_send_from(one.address), one.may) << one.address;
  EXPECT_TRUE(mine->may_send_sms_from("acme"));
  EXPECT_FALSE(mine->may_send_sms_from("example.com"));
  EXPECT_NE(mine->domain("example.com"), nullptr);
  EXPECT_EQ(mine->domain("waiting.example"), nullptr);
}

TEST(SenderTable, ChangesAreInForceAtOnce) {
  ImmediateReclaimer reclaimer;
  SenderTable table(reclaimer);
  Sender one = sender(1, SenderKind::Domain, "example.com");
  table.apply(Change{.put = {Entity(one)}, .remove = {}, .events = {}, .audit = {}});
  EXPECT_TRUE(table.of(kAccount)->may_send_from("x@example.com"));
  one.status = sallyport::Status::Disabled;
  table.apply(Change{.put = {Entity(one)}, .remove = {}, .events = {}, .audit = {}});
  EXPECT_FALSE(table.of(kAccount)->may_send_from("x@example.com"));
  EXPECT_EQ(table.of(kAccount)->senders.size(), 1U);
  table.apply(Change{.put = {}, .remove = {Entity(one)}, .events = {}, .audit = {}});
  EXPECT_TRUE(table.of(kAccount)->senders.empty());
}

}  // namespace
}  // namespace sallyport::messaging::test
