#include "messaging/message_input.h"

#include <gtest/gtest.h>

#include <string>

#include "messaging/json_reader.h"
#include "messaging/xml_reader.h"

namespace sallyport::messaging {
namespace {

std::expected<AcceptedMessage, InputRefusal> read(const std::string& json) {
  const auto input = read_json(json);
  EXPECT_TRUE(input) << json << ": " << input.error().detail;
  if (!input) return std::unexpected(InputRefusal{400, input.error().detail});
  return read_message(*input, {.raw_bytes = json.size()});
}

// A good message with one more member.
std::string with(const std::string& member) {
  return R"({"to":"a@example.com","subject":"s","body":"b",)" + member + "}";
}

TEST(MessageInput, TakesThePlainestMessage) {
  const auto message = read(R"({"to":"a@Example.com","subject":"Hello","body":"This is it"})");
  ASSERT_TRUE(message) << message.error().text;
  EXPECT_EQ(message->content.to, "a@Example.com");
  EXPECT_EQ(message->content.subject, "Hello");
  EXPECT_EQ(message->content.body, "This is it");
  EXPECT_FALSE(message->content.email);
  ASSERT_EQ(message->recipients.size(), 1U);
  EXPECT_EQ(message->recipients[0].index, 1);
  EXPECT_EQ(message->recipients[0].destination, "a@example.com");
  EXPECT_EQ(message->recipients[0].state, DeliveryState::Pending);
}

TEST(MessageInput, XmlSaysTheSame) {
  const auto input = read_xml(
      "<message><to>a@example.com</to><subject>s</subject><email><body>x</body>"
      "<resources><attachment><attachmentName>a.txt</attachmentName><derefUri>YQ==</derefUri>"
      "</attachment></resources></email><voice/><social/></message>",
      "message");
  ASSERT_TRUE(input);
  const auto message = read_message(*input, {.raw_bytes = 10});
  ASSERT_TRUE(message) << message.error().text;
  ASSERT_EQ(message->content.email->attachments.size(), 1U);
  EXPECT_EQ(message->content.email->attachments[0].content, "a");
}

TEST(MessageInput, RecipientsAreSplitAndCountedOnce) {
  const auto message = read(R"({"to":"a@x.example; b@x.example,A@x.example ;a@X.EXAMPLE",)"
                            R"("subject":"s","body":"b"})");
  ASSERT_TRUE(message) << message.error().text;
  ASSERT_EQ(message->recipients.size(), 3U);
  EXPECT_EQ(message->recipients[0].destination, "a@x.example");
  EXPECT_EQ(message->recipients[1].destination, "b@x.example");
  EXPECT_EQ(message->recipients[2].destination, "A@x.example") << "a local part's case counts";
  EXPECT_EQ(message->recipients[2].index, 3);
}

TEST(MessageInput, ReadsAnEmail) {
  const auto message = read(with(
      R"("email":{"body":"<p>x</p>","footer":"f","type":"TEXT/HTML; charset=utf-8","resources":)"
      R"({"attachments":[{"attachmentName":"a","attachmentDesc":"d","derefUri":"YWJj"},)"
      R"({"attachmentName":"b","derefUri":"YWI"}]}})"));
  ASSERT_TRUE(message) << message.error().text;
  const EmailPart& email = *message->content.email;
  EXPECT_EQ(email.body, "<p>x</p>");
  EXPECT_EQ(email.footer, "f");
  EXPECT_EQ(email.type, "text/html");
  ASSERT_EQ(email.attachments.size(), 2U);
  EXPECT_EQ(email.attachments[0].content, "abc");
  EXPECT_EQ(email.attachments[0].description, "d");
  EXPECT_EQ(email.attachments[1].content, "ab") << "without padding";
}

TEST(MessageInput, AttachmentsWithoutATextTakeTheBody) {
  const auto message = read(
      with(R"("email":{"resources":{"attachment":{"attachmentName":"a","derefUri":"YQ=="}}})"));
  ASSERT_TRUE(message) << message.error().text;
  EXPECT_EQ(message->content.email->body, "b");
  EXPECT_EQ(message->content.email->type, "text/plain");
}

TEST(MessageInput, PassesOverWhatSaysNothing) {
  const std::string members[] = {
      R"("voice":{},"web":{},"social":{},"email":{},"mms":{},"rcs":{},"whatsapp":{})",
      R"("voice":"","web":"","social":"")",
      R"("voice":{"header":"","body":"","type":"ConfCall:,ConfAccountNo:,Pin:"})",
      R"("web":{"body":"","type":"text/plain"})",
      R"("social":{"social":[{"id":"social","body":"","type":"text/plain"}]})",
      R"("email":{"type":"text/plain"})",
      R"("repetitionCount":0,"repeatDays":"0","repeatHrs":0,"repeatMin":"0")",
      R"("messageTemplateId":"","messageTemplateName":null,"eventId":"","callbackId":"")",
      R"("type":"default")",
      R"("type":"noDlr","dlr":{"type":"NoDlr"})",
      R"("dlr":{"period":"","rule":"","type":"","publishToWeb":false,"expiryDay":0})",
      R"("type":"NODLR","dlr":{"type":"reportdelivered","period":"1"})",
      R"("callbackParameters":{"a":"b"})",
      R"("whoKnows":{"a":[1,2,3]},"link":[])",
      R"("scheduleType":"","scheduleDate":"","messageType":"")",
      R"("label":"blue")",
      R"("features":{"pushOptions":{"notifications":""}})",
  };
  for (const std::string& member : members) {
    const auto message = read(with(member));
    EXPECT_TRUE(message) << member << ": " << message.error().text;
  }
}

TEST(MessageInput, WhatItIsForAndWhoItIsFrom) {
  const auto marketing = read(
      with(R"("from":"news@example.com","features":{"aliasOption":{"aliasName":"ACME"}},)"
           R"("email":{"body":"x","optOutOption":{"rmsUnsubscribeUrl":"https://example.com/u",)"
           R"("oneClickApiMapping":"true"}})"));
  ASSERT_TRUE(marketing) << marketing.error().text;
  EXPECT_EQ(marketing->from, "news@example.com");
  EXPECT_EQ(marketing->alias, "ACME");
  EXPECT_EQ(marketing->kind, MessageClass::Marketing);
  EXPECT_EQ(marketing->content.email->unsubscribe_url, "https://example.com/u");
  EXPECT_TRUE(marketing->content.email->one_click);
  EXPECT_EQ(read(with(R"("messageClass":"marketing")"))->kind, MessageClass::Marketing);
  EXPECT_EQ(read(with(R"("messageClass":"transactional")"))->kind, MessageClass::Transactional);
  const std::pair<const char*, const char*> refused[] = {
      {R"("messageClass":"spam")", "messageClass"},
      {R"("from":"a@b\nBcc: c@d")", "from"},
      {R"("email":{"body":"x","optOutOption":{"rmsUnsubscribeUrl":"http://example.com"}})",
       "https URL"},
      {R"("email":{"body":"x","optOutOption":{"oneClickApiMapping":"true"}})", "https URL"},
      {R"("messageType":"SCHEDULED")", "scheduleDate"},
  };
  for (const auto& [member, part] : refused) {
    const auto message = read(with(member));
    ASSERT_FALSE(message) << member;
    EXPECT_NE(message.error().text.find(part), std::string::npos) << message.error().text;
  }
}

TEST(MessageInput, RefusesByNameWhatIsNotBuilt) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("messageTemplateId":"0123")", "Templates"},
      {R"("messageTemplateName":"t")", "Templates"},
      {R"("voice":{"body":"hello"})", "voice"},
      {R"("voice":"hello")", "voice"},
      {R"("web":{"body":"x"})", "web"},
      {R"("social":{"social":[{"id":"a","body":""},{"id":"b","body":"x"}]})", "Social"},
      {R"("social":[{"id":"b","body":"x"}])", "Social"},
      {R"("whatsapp":{"type":"template"})", "WhatsApp"},
      {R"("rcs":{"a":"b"})", "RCS"},
      {R"("mms":{"body":"x"})", "MMS"},
      {R"("eventId":"1")", "Events"},
      {R"("callbackId":"c")", "Callbacks"},
      {R"("resource":{"resourceId":"r"})", "Bulk"},
      {R"("features":{"pushOptions":{"notifications":"enabled"}})", "features"},
      {R"("messageattributes":{"attribute":[{"name":"a","value":"b"}]})", "attributes"},
  };
  for (const auto& [member, name] : cases) {
    const auto message = read(with(member));
    ASSERT_FALSE(message) << member;
    EXPECT_EQ(message.error().status, 422);
    EXPECT_NE(message.error().text.find("not supported yet"), std::string::npos) << member;
    EXPECT_NE(message.error().text.find(name), std::string::npos) << message.error().text;
  }
}

TEST(MessageInput, RefusesWithTheField) {
  struct Case {
    const char* what;
    std::string json;
    const char* text;
  };
  const std::string long_label(49, 'x');
  const Case cases[] = {
      {"no recipient", R"({"subject":"s","body":"b"})", "\"to\" names no recipient"},
      {"an empty recipient", R"({"to":"","subject":"s","body":"b"})", "names no recipient"},
      {"only separators", R"({"to":" ;,","subject":"s","body":"b"})", "names no recipient"},
      {"no address", R"({"to":"not an address","subject":"s","body":"b"})",
       "neither an email address nor a phone number"},
      {"one of two", R"({"to":"a@example.com,@example.com","subject":"s","body":"b"})",
       "nothing before"},
      {"CR LF in to", R"({"to":"a@example.com\r\nBcc: x@y.com","subject":"s","body":"b"})",
       "\"to\" must not hold line breaks"},
      {"NUL in to", R"({"to":"a@example.com\u0000","subject":"s","body":"b"})", "NUL"},
      {"a reserved domain", R"({"to":"John@user.acme.invalid","subject":"s","body":"b"})",
       "reserved"},
      {"a phone number", R"({"to":"61400400400","subject":"s","body":"b"})", "No SMS channel"},
      {"a phone number as a number", R"({"to":61400400400,"subject":"s","body":"b"})",
       "No SMS channel"},
      {"a phone number among addresses",
       R"({"to":"a@b.example,+61400400400","subject":"s",)"
       R"("body":"b"})",
       "No SMS channel"},
      {"too many characters",
       R"({"subject":"s","body":"b","to":")" + std::string(10'001, 'a') + "\"}", "10000"},
      {"no subject", R"({"to":"a@example.com","body":"b"})", "\"subject\" is required"},
      {"a blank subject", R"({"to":"a@example.com","subject":" ","body":"b"})", "required"},
      {"CR LF in the subject", R"({"to":"a@example.com","subject":"s\r\nBcc: x","body":"b"})",
       "\"subject\" must not hold line breaks"},
      {"LF in the subject", R"({"to":"a@example.com","subject":"s\nx","body":"b"})", "line breaks"},
      {"NUL in the subject", R"({"to":"a@example.com","subject":"s\u0000x","body":"b"})", "NUL"},
      {"NUL in the body", R"({"to":"a@example.com","subject":"s","body":"b\u0000"})", "NUL"},
      {"an object as subject", R"({"to":"a@example.com","subject":{"a":1},"body":"b"})",
       "\"subject\" must be a text"},
      {"a list as body", R"({"to":"a@example.com","subject":"s","body":["b"]})",
       "\"body\" must be a text"},
      {"no content", R"({"to":"a@example.com","subject":"s"})", "At least one of"},
      {"only blanks", R"({"to":"a@example.com","subject":"s","body":" \n","email":{"body":" "}})",
       "At least one of"},
      {"a long label", with("\"label\":\"" + long_label + "\""), "48"},
      {"CR in the label", with(R"("label":"a\rb")"), "\"label\" must not hold"},
      {"too long",
       R"({"to":"a@example.com","subject":"s","body":")" + std::string(1570, 'x') + "\"}",
       "1571 characters"},
      {"another type", with(R"("type":"whatever")"), "defaultNoReply"},
      {"another receipt", with(R"("dlr":{"type":"Sometimes"})"), "\"dlr.type\" must be NoDlr or"},
      {"a text as dlr", with(R"("dlr":"NoDlr")"), "\"dlr\" must be an object"},
      {"a slip that would send at once", with(R"("messageType":"SHEDULED")"),
       "\"messageType\" must be SCHEDULED"},
      {"a text as email", with(R"("email":"x")"), "must be an object"},
      {"another type of email", with(R"("email":{"body":"x","type":"text/css"})"), "text/plain"},
      {"a text as resources", with(R"("email":{"body":"x","resources":"y"})"), "must be an object"},
      {"a text as attachment", with(R"("email":{"resources":{"attachment":["x"]}})"),
       "attachment 1 must be an object"},
      {"an attachment without a name",
       with(R"("email":{"resources":{"attachment":[)"
            R"({"derefUri":"YQ=="}]}})"),
       "no \"attachmentName\""},
      {"an attachment without content",
       with(R"("email":{"resources":{"attachment":[)"
            R"({"attachmentName":"a"}]}})"),
       "no \"derefUri\""},
      {"an attachment that is not base64",
       with(R"("email":{"resources":{"attachment":[)"
            R"({"attachmentName":"a","derefUri":"YQ==!"}]}})"),
       "not base64"},
      {"LF in the name of an attachment",
       with(R"("email":{"resources":{"attachment":[)"
            R"({"attachmentName":"a\nb","derefUri":"YQ=="}]}})"),
       "line breaks"},
  };
  for (const Case& one : cases) {
    const auto message = read(one.json);
    ASSERT_FALSE(message) << one.what;
    EXPECT_EQ(message.error().status, 422) << one.what;
    EXPECT_NE(message.error().text.find(one.text), std::string::npos)
        << one.what << ": " << message.error().text;
  }
}

TEST(MessageInput, TheAlphabetDecidesTheLength) {
  const auto of = [](std::size_t count, const std::string& character) {
    std::string body;
    for (std::size_t i = 0; i < count; ++i) body += character;
    return read(R"({"to":"a@example.com","subject":"s","body":")" + body + "\"}");
  };
  EXPECT_TRUE(of(1569, "x"));
  EXPECT_FALSE(of(1570, "x"));
  EXPECT_TRUE(of(1569, "\u20ac")) << "the euro is in the extension";
  EXPECT_TRUE(of(799, "\u4f60"));
  EXPECT_FALSE(of(800, "\u4f60"));
}

TEST(MessageInput, SizesAreBounded) {
  const auto input = read_json(with(R"("x":"y")"));
  ASSERT_TRUE(input);
  const auto large = read_message(*input, {.raw_bytes = 1024 * 1024 + 1});
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().status, 413);
  EXPECT_TRUE(read_message(*input, {.raw_bytes = 1024 * 1024}));
  const auto long_text =
      read_json(R"({"to":"a@example.com","subject":"s","body":")" + std::string(2000, 'x') + "\"}");
  EXPECT_EQ(read_message(*long_text, {.raw_bytes = 1024 * 1024 + 1}).error().status, 413)
      << "before its length";
  EXPECT_EQ(read_message(*long_text, {.raw_bytes = 3000}).error().status, 422);

  // Not through the reader, which takes its time for megabytes.
  const auto attached = [](std::size_t bytes) {
    auto whole = read_json(
        with(R"("email":{"resources":{"attachment":{"attachmentName":"a","derefUri":""}}})"));
    auto& email = whole->members.back().value;
    auto& attachment = email.members[0].value.members[0].value;
    attachment.members[1].value.text = std::string((bytes * 4 + 2) / 3, 'A');
    return read_message(*whole, {.raw_bytes = bytes});
  };
  EXPECT_TRUE(attached(2 * 1024 * 1024)) << "attachments may be larger than a message";
  const auto too_much = attached(kMaxAttachmentBytes + 1);
  ASSERT_FALSE(too_much);
  EXPECT_EQ(too_much.error().status, 422);
  EXPECT_NE(too_much.error().text.find("10 MB"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::messaging
