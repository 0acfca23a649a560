#include "storage/sms_incoming_rows.h"

#include "storage/keeping_rows.h"
#include "unit/storage/sms_fixture.h"

namespace sallyport::storage {
namespace {

using SmsIncomingRows = SmsFixture;

TEST_F(SmsIncomingRows, StopHoldsForWhoHasWritten) {
  sent(1, {"1"});
  const AccountId account = sample_message(1).account;
  EXPECT_TRUE(receive("STOP"));
  EXPECT_TRUE(stopped(account));
  EXPECT_FALSE(stopped(AccountId{12345})) << "another account";
  EXPECT_FALSE(stopped(account, "+61400400401"));
  EXPECT_TRUE(receive("start"));
  EXPECT_FALSE(stopped(account));
  EXPECT_EQ(count("SELECT count(*) FROM sms_incoming WHERE message_id IS NOT NULL"), 2);
}

TEST_F(SmsIncomingRows, AStopThatIsNobodysIsEverybodys) {
  EXPECT_TRUE(receive("STOP"));
  EXPECT_TRUE(stopped(sample_message(1).account));
  EXPECT_EQ(count("SELECT account_id FROM sms_incoming"), 0);
  EXPECT_TRUE(receive("START"));
  EXPECT_FALSE(stopped(sample_message(1).account));
}

TEST_F(SmsIncomingRows, ThePartsOfATextAreJoined) {
  IncomingSms part{.smsc = "a",
                   .source = kNumber,
                   .destination = "1",
                   .text = "ST",
                   .reference = 7,
                   .total = 2,
                   .number = 1,
                   .time_us = kNow};
  IncomingSms second = part;
  second.number = 2;
  second.text = "OP";
  EXPECT_FALSE(take_incoming(*database_, second).value());
  EXPECT_FALSE(take_incoming(*database_, second).value()) << "the same again";
  EXPECT_TRUE(take_incoming(*database_, part).value());
  EXPECT_TRUE(stopped(AccountId{1}));
  EXPECT_EQ(count("SELECT count(*) FROM sms_incoming_part"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM sms_incoming WHERE text = 'STOP'"), 1);
}

TEST_F(SmsIncomingRows, ErasingANumberLeavesItsStop) {
  sent(1, {"1"});
  receive("STOP");
  report({"2"});
  EXPECT_EQ(erase_number(*database_, kNumber).value(), 1);
  EXPECT_EQ(count("SELECT count(*) FROM sms_incoming"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM sms_orphan"), 0);
  EXPECT_TRUE(stopped(sample_message(1).account));
  ASSERT_TRUE(delete_message(*database_, message_id(1)));
  EXPECT_EQ(count("SELECT count(*) FROM sms_part"), 0);
}

TEST_F(SmsIncomingRows, AreListedNewestFirstAndByAccount) {
  sent(1, {"1"});
  receive("hello");
  receive("STOP");
  receive("who is this?", "1", "+61499999999");
  const auto all = list_incoming(*database_, {});
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ(all->at(0).text, "who is this?");
  EXPECT_FALSE(all->at(0).account);
  EXPECT_EQ(all->at(1).answers, message_id(1));
  const AccountId account = sample_message(1).account;
  EXPECT_EQ(list_incoming(*database_, {.account = account}).value().size(), 2U);
  EXPECT_EQ(list_incoming(*database_, {.account = account, .limit = 1}).value().size(), 1U);
  EXPECT_EQ(list_incoming(*database_, {.number = "+61499999999"}).value().size(), 1U);
  const auto stops = list_stops(*database_, {.account = account});
  ASSERT_TRUE(stops);
  ASSERT_EQ(stops->size(), 1U);
  EXPECT_EQ(stops->at(0).number, kNumber);
}

TEST_F(SmsIncomingRows, GoWithTheirTime) {
  sent(1, {"1"});
  receive("hello");
  const AccountId account = sample_message(1).account;
  ASSERT_TRUE(purge_messages(*database_, {account, kNow}));
  EXPECT_EQ(count("SELECT count(*) FROM sms_incoming"), 1);
  ASSERT_TRUE(purge_messages(*database_, {account, kNow + 1}));
  EXPECT_EQ(count("SELECT count(*) FROM sms_incoming"), 0);
}

}  // namespace
}  // namespace sallyport::storage
