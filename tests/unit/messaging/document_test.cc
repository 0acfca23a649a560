#include "messaging/document.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::messaging {
namespace {

constexpr char kDeclaration[] = R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)";

TEST(Document, JsonKeepsTheOrder) {
  Document document{.xml_root = "x"};
  auto& members = document.root.members;
  members.push_back(text("b", "two \"words\"\n\u00fc"));
  members.push_back(number("a", -1));
  members.push_back(flag("t", true));
  members.push_back({"when", Node{Time{1'647'467'664'123'456}}});
  members.push_back(object("empty", {}));
  members.push_back(text("hidden", "x", Shown::XmlOnly));
  members.push_back(
      list("many", {.items = {Node{std::string("p")}, Node{std::int64_t{2}}}, .xml_item = "one"}));
  members.push_back(links({}));
  EXPECT_EQ(render(document, Format::Json),
            "{\"b\":\"two \\\"words\\\"\\n\u00fc\",\"a\":-1,\"t\":true,\"when\":1647467664123,"
            R"("empty":{},"many":["p",2],"link":[]})");
}

TEST(Document, JsonLinksAreAnArrayInBothStyles) {
  Document document{.xml_root = "x"};
  document.root.members.push_back(
      links({{.uri = "https://h/a?apikey=K", .rel = "self"},
             {.uri = "https://h/a", .rel = "w", .method = "POST", .type = "t", .host = "h"}}));
  EXPECT_EQ(render(document, Format::Json),
            R"({"link":[{"uri":"https://h/a?apikey=K","rel":"self","method":"GET"},)"
            R"({"uri":"https://h/a","rel":"w","method":"POST","host":"h","port":-1,"type":"t"}]})");
}

TEST(Document, XmlOfAnEntity) {
  Document document{.xml_root = "message", .prefixes = Prefixes::ApiFirst};
  auto& members = document.root.members;
  members.push_back(text("to", ""));
  members.push_back(text("subject", "a < b & \"c\" > d\r\n"));
  members.push_back(number("hidden", 0, Shown::JsonOnly));
  members.push_back(object("voice", {}));
  members.push_back({"createdTime", Node{Time{1'348'464'976'000'000, "Australia/Brisbane"}}});
  members.push_back(links({{.uri = "https://h/m?view=summary&apikey=K", .rel = "a\"b"}}));
  EXPECT_EQ(render(document, Format::Xml),
            std::string(kDeclaration) +
                R"(<ns2:message xmlns:ns2="http://schemas.api.whispir.com" )"
                R"(xmlns:ns3="http://schemas.api.whispir.com/dap"><to></to>)"
                "<subject>a &lt; b &amp; \"c\" &gt; d&#13;\n</subject><voice/>"
                "<createdTime>2012-09-24T15:36:16+10:00</createdTime>"
                R"(<ns3:link uri="https://h/m?view=summary&amp;apikey=K" rel="a&quot;b" )"
                R"(method="GET"/></ns2:message>)");
}

TEST(Document, XmlOfAList) {
  Object item;
  item.members.push_back(text("type", "sms"));
  item.members.push_back(text("status", "READ"));
  item.members.push_back(text("destination", "1"));
  item.xml_order = {"destination", "status"};
  Object one;
  one.members.push_back(text("name", "n"));
  one.members.push_back(list("status", {.items = {Node{item}},
                                        .xml_item = "status",
                                        .xml_wrapped = false,
                                        .xml_attribute = "type"}));
  one.xml_order = {"status", "name"};
  Document document{.xml_root = "return", .xml_root_in_dap = true};
  document.root.members.push_back(
      list("messageStatuses",
           {.items = {Node{one}}, .xml_item = "messageStatus", .xml_qualified = true}));
  document.root.members.push_back(text("status", "1 to 1 of 1    ", Shown::JsonOnly));
  document.root.members.push_back(text("status", "1 to 1 of 1", Shown::XmlOnly));
  document.root.xml_order = {"status", "messageStatuses"};
  EXPECT_EQ(render(document, Format::Xml),
            std::string(kDeclaration) +
                R"(<ns2:return xmlns:ns2="http://schemas.api.whispir.com/dap" )"
                R"(xmlns:ns3="http://schemas.api.whispir.com"><status>1 to 1 of 1</status>)"
                "<ns2:messageStatuses><ns2:messageStatus>"
                R"(<status type="sms"><destination>1</destination><status>READ</status></status>)"
                "<name>n</name></ns2:messageStatus></ns2:messageStatuses></ns2:return>");
  EXPECT_EQ(render(document, Format::Json),
            R"({"messageStatuses":[{"name":"n","status":[{"type":"sms","status":"READ",)"
            R"("destination":"1"}]}],"status":"1 to 1 of 1    "})");
}

TEST(Document, BytesThatCannotBeCarriedAreReplaced) {
  Document document{.xml_root = "x"};
  document.root.members.push_back(text("a", std::string("\xFF\0\x1B", 3)));
  EXPECT_NE(render(document, Format::Xml).find("<a>\uFFFD\uFFFD\uFFFD</a>"), std::string::npos);
  EXPECT_NE(render(document, Format::Json).find("\"a\":\"\uFFFD\\u0000\\u001b\""),
            std::string::npos)
      << render(document, Format::Json);
}

}  // namespace
}  // namespace sallyport::messaging
