#include "storage/sms_rows.h"

#include "unit/storage/sms_fixture.h"

namespace sallyport::storage {
namespace {

using SmsRows = SmsFixture;

TEST_F(SmsRows, AReceiptMovesItsRecipient) {
  sent(1, {"ab"});
  EXPECT_TRUE(report({"ab", "171"}));
  EXPECT_EQ(recipient(1).state, DeliveryState::Delivered);
  EXPECT_EQ(recipient(1).delivered_us, kNow + 5);
  EXPECT_EQ(recipient(1).last_text, "DELIVRD");
  EXPECT_TRUE(report({"ab"}, false)) << "known, but the last word was said";
  EXPECT_EQ(recipient(1).state, DeliveryState::Delivered);
}

TEST_F(SmsRows, AllPartsMustArriveAndOneFails) {
  sent(1, {"a1", "a2"});
  EXPECT_TRUE(report({"a1"}));
  EXPECT_TRUE(report({"a1"})) << "twice the same";
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent);
  EXPECT_TRUE(report({"a2"}));
  EXPECT_EQ(recipient(1).state, DeliveryState::Delivered);
  sent(2, {"b1", "b2"});
  EXPECT_TRUE(report({"b2"}, false));
  EXPECT_EQ(recipient(2).state, DeliveryState::Failed);
  EXPECT_EQ(recipient(2).last_text, "UNDELIV, error 11, part 2 of 2");
  EXPECT_EQ(recipient(2).last_code, 11);
}

TEST_F(SmsRows, OneIdInTwoBasesIsToldByTheNumber) {
  sent(1, {"10"}, "+61400400401");  // 16
  sent(2, {"a"}, "+61400400402");   // 10
  EXPECT_TRUE(report({"10", "a"}, true, {"+61400400402"}));
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent);
  EXPECT_EQ(recipient(2).state, DeliveryState::Delivered);
  EXPECT_TRUE(report({"16", "10"}, true, {"0400400401"})) << "without its country";
  EXPECT_EQ(recipient(1).state, DeliveryState::Delivered);
}

TEST_F(SmsRows, AReceiptThatIsNotOursChangesNothing) {
  sent(1, {"77"});
  EXPECT_FALSE(report({"77"}, true, {kNumber}, "b")) << "of another SMSC";
  EXPECT_FALSE(report({"78"}));
  EXPECT_FALSE(report({"77"}, true, {"+61499999999"})) << "another number, a short id";
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent);
  EXPECT_TRUE(report({"77"}, true, {})) << "nobody says a number";
  sent(2, {"0123456789ab"});
  EXPECT_TRUE(report({"0123456789ab"}, true, {"+61xxxxx9999"})) << "an id of its own";
}

TEST_F(SmsRows, OrphansFindTheirPartLater) {
  EXPECT_FALSE(report({"171", "ab"}));
  EXPECT_FALSE(report({"200", "c8"}, true, {"+61499999999"}));
  EXPECT_EQ(count("SELECT count(*) FROM sms_orphan"), 4);
  sent(1, {}, kNumber, DeliveryState::Attempting);
  EXPECT_TRUE(accept(1, "ab").value());
  EXPECT_EQ(recipient(1).state, DeliveryState::Delivered);
  EXPECT_EQ(count("SELECT count(*) FROM sms_orphan"), 2);
  // The record of the attempt comes behind it.
  ASSERT_TRUE(update_deliveries(*database_, {{.message = message_id(1),
                                              .recipient = 1,
                                              .state = DeliveryState::Sent,
                                              .attempts = 1,
                                              .time_us = kNow + 9,
                                              .text = "accepted",
                                              .started_us = kNow - 9}}));
  EXPECT_EQ(recipient(1).state, DeliveryState::Delivered);
  EXPECT_GT(recipient(1).sent_us, 0);
  EXPECT_EQ(count("SELECT count(*) FROM attempt"), 1);
  sent(2, {}, kNumber, DeliveryState::Attempting);
  EXPECT_FALSE(accept(2, "c8").value()) << "for another number";
}

TEST_F(SmsRows, OrphansAreKeptForADay) {
  EXPECT_FALSE(report({"1"}));
  auto later = take_part_report(
      *database_, {.smsc = "a", .id = "2", .keys = {"2"}, .time_us = kNow + 90'000'000'000});
  ASSERT_TRUE(later);
  EXPECT_EQ(count("SELECT count(*) FROM sms_orphan"), 1);
}

TEST_F(SmsRows, ALateAnswerEndsTheDoubt) {
  sent(1, {}, kNumber, DeliveryState::InDoubt);
  EXPECT_TRUE(accept(1, "a", 1, 2, kNumber, true));
  EXPECT_EQ(recipient(1).state, DeliveryState::InDoubt) << "a part is missing";
  EXPECT_TRUE(accept(1, "b", 2, 2, kNumber, true));
  EXPECT_EQ(recipient(1).state, DeliveryState::Sent);
  EXPECT_TRUE(report({"a"}));
  EXPECT_TRUE(report({"b"}));
  EXPECT_EQ(recipient(1).state, DeliveryState::Delivered);

  // Waits to be sent again, and a receipt has overtaken the answer.
  sent(2, {}, kNumber, DeliveryState::Deferred);
  EXPECT_FALSE(report({"c"}));
  EXPECT_EQ(accept(2, "c", 1, 1, kNumber, true), true);
  EXPECT_EQ(recipient(2).state, DeliveryState::Delivered);

  // Accepted once more meanwhile: that one counts.
  sent(3, {"d"});
  EXPECT_EQ(accept(3, "e", 1, 1, kNumber, true), false);
  EXPECT_TRUE(report({"d"}));
  EXPECT_EQ(recipient(3).state, DeliveryState::Delivered);
}

TEST_F(SmsRows, NothingIsKeptOfWhoWasErased) {
  sent(1, {}, kNumber, DeliveryState::Attempting);
  ASSERT_TRUE(database_->run("UPDATE recipient SET destination = ''"));
  EXPECT_EQ(accept(1, "a"), false);
  EXPECT_FALSE(report({"a"}));
}

TEST_F(SmsRows, TellsWhichPartsAreThere) {
  sent(1, {"1", "2"});
  const auto dispatch = read_dispatch(*database_, AccountId{1}, message_id(1), 1, kNumber);
  ASSERT_TRUE(dispatch);
  EXPECT_EQ(dispatch->parts, (std::vector<std::int32_t>{1, 2}));
}

}  // namespace
}  // namespace sallyport::storage
