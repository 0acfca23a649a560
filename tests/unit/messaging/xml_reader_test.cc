#include "messaging/xml_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::messaging {
namespace {

using Kind = InputValue::Kind;

constexpr char kMessage[] = R"(<?xml version="1.0" encoding="UTF-8"?>
<ns2:message xmlns:ns2="http://schemas.api.whispir.com"
             xmlns:ns3="http://schemas.api.whispir.com/dap">
  <to>a@example.com</to>
  <subject>Gr&#252;&#xDF;e &amp; <![CDATA[<more>]]></subject>
  <body> two
lines </body>
  <voice/>
  <email><body>x</body><resources>
    <attachment><attachmentName>a</attachmentName></attachment>
    <attachment><attachmentName>b</attachmentName></attachment>
  </resources></email>
  <ns3:link uri="u" rel="self" method="GET"/>
</ns2:message>)";

TEST(XmlReader, FillsTheModel) {
  const auto read = read_xml(kMessage, "message");
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->find("to")->text, "a@example.com");
  EXPECT_EQ(read->find("subject")->text, "Gr\u00fc\u00dfe & <more>");
  EXPECT_EQ(read->find("body")->text, " two\nlines ");
  EXPECT_TRUE(read->find("voice")->is_blank());
  const InputValue& attachments = *read->find("email")->find("resources")->find("attachment");
  ASSERT_EQ(attachments.kind, Kind::Array);
  ASSERT_EQ(attachments.items.size(), 2U);
  EXPECT_EQ(attachments.items[1].find("attachmentName")->text, "b");
  EXPECT_EQ(read->find("link"), nullptr) << "elements of other namespaces are passed over";
}

TEST(XmlReader, MatchesLocalNamesAndNamespaces) {
  const std::string good[] = {
      "<message><to>a</to></message>",
      "<message xmlns=\"http://schemas.api.whispir.com\"><to>a</to></message>",
      "<x:message xmlns:x=\"http://schemas.api.whispir.com\"><x:to>a</x:to></x:message>",
      "<x:message xmlns:x='http://schemas.api.whispir.com'><to xmlns=''>a</to></x:message>",
  };
  for (const std::string& body : good) {
    const auto read = read_xml(body, "message");
    ASSERT_TRUE(read) << body << ": " << read.error().detail;
    ASSERT_NE(read->find("to"), nullptr) << body;
    EXPECT_EQ(read->find("to")->text, "a");
  }
  const std::string bad[] = {
      "<massage/>",
      "<message xmlns=\"urn:other\"/>",
      "<x:message xmlns:x='http://schemas.api.whispir.com/dap'/>",
      "<x:message/>",
      "<message><x:to>a</x:to></message>",
      "<message>text</message>",
      "<message><to>a</to>text</message>",
      "<message><email>text<body>b</body></email></message>",
      "",
  };
  for (const std::string& body : bad) EXPECT_FALSE(read_xml(body, "message")) << body;
}

TEST(XmlReader, AnEmptyRootIsAnObject) {
  const auto read = read_xml("<message/>", "message");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, Kind::Object);
  EXPECT_TRUE(read->members.empty());
}

TEST(XmlReader, TheScanComesFirst) {
  EXPECT_FALSE(read_xml("<!DOCTYPE message><message/>", "message"));
  EXPECT_FALSE(read_xml("<message><to>&x;</to></message>", "message"));
}

}  // namespace
}  // namespace sallyport::messaging
