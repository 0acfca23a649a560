#include "messaging/channels/smpp/receipt.h"

#include <gtest/gtest.h>

namespace sallyport::messaging {
namespace {

Delivered with_text(std::string text) {
  Delivered delivered;
  delivered.is_receipt = true;
  delivered.content = std::move(text);
  return delivered;
}

TEST(Receipt, ReadsTheUsualText) {
  const auto receipt =
      read_receipt(with_text("id:0123456789 sub:001 dlvrd:001 submit date:1101010101 done "
                             "date:1101010102 stat:UNDELIV err:042 Text:id:9 stat:DELIVRD"));
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->id, "0123456789");
  EXPECT_EQ(receipt->state, ReceiptState::Failed);
  EXPECT_EQ(receipt->word, "UNDELIV");
  EXPECT_EQ(receipt->error, 42);
}

TEST(Receipt, KnowsTheStates) {
  const std::pair<const char*, ReceiptState> cases[] = {
      {"DELIVRD", ReceiptState::Delivered}, {"delivrd", ReceiptState::Delivered},
      {"EXPIRED", ReceiptState::Failed},    {"REJECTD", ReceiptState::Failed},
      {"ENROUTE", ReceiptState::Underway},  {"ACCEPTD", ReceiptState::Underway},
      {"UNKNOWN", ReceiptState::Unknown},   {"WHATEVER", ReceiptState::Unknown}};
  for (const auto& [word, state] : cases) {
    EXPECT_EQ(read_receipt(with_text("id:1 stat:" + std::string(word)))->state, state) << word;
  }
}

TEST(Receipt, ParametersGoBeforeTheText) {
  Delivered delivered = with_text("id:1 stat:UNDELIV err:000");
  delivered.receipted_id = "ABC";
  delivered.state = 2;
  const auto receipt = read_receipt(delivered);
  EXPECT_EQ(receipt->id, "ABC");
  EXPECT_EQ(receipt->state, ReceiptState::Delivered);
}

TEST(Receipt, NeedsAnId) {
  EXPECT_FALSE(read_receipt(with_text("")));
  EXPECT_FALSE(read_receipt(with_text("stat:DELIVRD")));
  EXPECT_FALSE(read_receipt(with_text("grid:5 stat:DELIVRD"))) << "only at a word's beginning";
  EXPECT_FALSE(read_receipt(with_text("id:" + std::string(100, '1'))));
}

TEST(ReceiptKeys, MatchAcrossBases) {
  EXPECT_EQ(receipt_key("00AbC"), "abc");
  EXPECT_EQ(receipt_key("000"), "0");
  EXPECT_EQ(receipt_keys("255"), (std::vector<std::string>{"255", "ff", "597"}));
  EXPECT_EQ(receipt_keys("00FF"), (std::vector<std::string>{"ff", "255"}));
  EXPECT_EQ(receipt_keys("a-uuid-1"), (std::vector<std::string>{"a-uuid-1"}));
  EXPECT_EQ(receipt_keys("99999999999999999999999").size(), 1U) << "no number of ours";
}

}  // namespace
}  // namespace sallyport::messaging
