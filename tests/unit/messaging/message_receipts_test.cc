#include "messaging/message_receipts.h"

#include <gtest/gtest.h>

#include "messaging/json_reader.h"

namespace sallyport::messaging::test {
namespace {

TEST(MessageReceipts, WhatIsSaid) {
  struct Case {
    const char* members;
    MessageType type;
    Receipts receipts;
    bool wanted;
  };
  const Case cases[] = {
      {R"("label":"x")", MessageType::Default, Receipts::Unsaid, true},
      {R"("type":"defaultNoReply")", MessageType::DefaultNoReply, Receipts::Unsaid, true},
      {R"("type":"noDlr")", MessageType::NoDlr, Receipts::Unsaid, false},
      {R"("dlr":{"type":"NoDlr"})", MessageType::Default, Receipts::None, false},
      {R"("dlr":{"type":"ReportDelivered"})", MessageType::Default, Receipts::Delivered, true},
      {R"("type":"noDlr","dlr":{"type":"ReportDelivered"})", MessageType::NoDlr,
       Receipts::Delivered, false},
  };
  for (const Case& one : cases) {
    const auto input = read_json("{" + std::string(one.members) + "}");
    ASSERT_TRUE(input);
    MessageContent content;
    ASSERT_TRUE(read_receipts(*input, content)) << one.members;
    EXPECT_EQ(content.type, one.type) << one.members;
    EXPECT_EQ(content.receipts, one.receipts) << one.members;
    EXPECT_EQ(wants_receipts(content), one.wanted) << one.members;
  }
}

TEST(MessageReceipts, Refusals) {
  for (const char* text : {R"({"type":"whatever"})", R"({"type":{"a":1}})", R"({"dlr":"NoDlr"})",
                           R"({"dlr":{"type":"Sometimes"}})", R"({"dlr":{"type":["NoDlr"]}})"}) {
    MessageContent content;
    EXPECT_FALSE(read_receipts(*read_json(text), content)) << text;
  }
}

}  // namespace
}  // namespace sallyport::messaging::test
