#include "messaging/xml_scan.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::messaging {
namespace {

using namespace std::string_literals;

std::string nested(std::size_t depth) {
  std::string body;
  for (std::size_t i = 0; i < depth; ++i) body += "<a>";
  for (std::size_t i = 0; i < depth; ++i) body += "</a>";
  return body;
}

TEST(XmlScan, LetsThroughWhatIsWellFormed) {
  const std::string cases[] = {
      "<a/>",
      "\xEF\xBB\xBF<a/>",
      "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<a b='1' c=\"&lt;>\"></a >\n",
      "<?xml version='1.0' encoding='utf-8'?><a/>",
      "<!-- one - two --><a><!----><b:c xmlns:b=\"u\">&amp;&#65;&#x1F600;</b:c></a><!-- -->",
      "<a><![CDATA[<&]] >]]></a>",
      nested(kMaxXmlDepth),
      "<gr\u00fc\u00dfe/>",
  };
  for (const std::string& body : cases) {
    const auto scanned = scan_xml(body);
    EXPECT_TRUE(scanned) << body << ": " << scanned.error().detail;
  }
}

TEST(XmlScan, RefusesTheRest) {
  struct Case {
    const char* what;
    std::string body;
    const char* detail;
  };
  const Case cases[] = {
      {"no element", "<!-- x -->", "no element"},
      {"a DOCTYPE", "<!DOCTYPE a><a/>", "DOCTYPE"},
      {"an entity bomb", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "DOCTYPE"},
      {"a DOCTYPE inside", "<a><!DOCTYPE b></a>", "DOCTYPE"},
      {"an unknown entity", "<a>&b;</a>", "\"b\" is not known"},
      {"an ampersand alone", "<a>b & c</a>", "reference"},
      {"a reference to NUL", "<a>&#0;</a>", "no valid character"},
      {"a reference to a surrogate", "<a>&#xD800;</a>", "no valid character"},
      {"a reference to U+FFFF", "<a>&#xFFFF;</a>", "no valid character"},
      {"a reference beyond Unicode", "<a>&#x110000;</a>", "no valid character"},
      {"a reference that overflows", "<a>&#x100000041;</a>", "no valid character"},
      {"an empty reference", "<a>&#;</a>", "no valid character"},
      {"a hexadecimal digit in a decimal one", "<a>&#6A;</a>", "no valid character"},
      {"a NUL byte", "<a>\0</a>"s, "does not allow"},
      {"a control character", "<a>\x01</a>", "does not allow"},
      {"U+FFFE", "<a>\xEF\xBF\xBE</a>", "does not allow"},
      {"not UTF-8", "<a>\xFF</a>", "UTF-8"},
      {"UTF-16 little endian with its mark", "\xFF\xFE<\0a\0/\0>\0"s, "UTF-8"},
      {"UTF-16 big endian with its mark", "\xFE\xFF\0<\0a\0/\0>"s, "UTF-8"},
      {"UTF-16 without a mark", "<\0a\0/\0>\0"s, "does not allow"},
      {"another encoding", "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>", "UTF-8"},
      {"Latin 1", "<?xml version=\"1.0\" encoding='iso-8859-1'?><a/>", "UTF-8"},
      {"XML 1.1", "<?xml version=\"1.1\"?><a/>", "1.0"},
      {"a processing instruction", "<?php x?><a/>", "processing"},
      {"a declaration that is not first", " <?xml version=\"1.0\"?><a/>", "processing"},
      {"a second root", "<a/><b/>", "second root"},
      {"text before", "x<a/>", "outside"},
      {"text behind", "<a/>x", "outside"},
      {"CDATA behind", "<a/><![CDATA[x]]>", "outside"},
      {"not closed", "<a><b></b>", "<a> is not closed"},
      {"closed crosswise", "<a><b></a></b>", "closes nothing"},
      {"closed too often", "<a></a></a>", "closes nothing"},
      {"too deep", nested(kMaxXmlDepth + 1), "levels"},
      {"far too deep", nested(5000), "levels"},
      {"an attribute twice", "<a b='1' b='2'/>", "given twice"},
      {"an attribute without quotes", "<a b=1/>", "not quoted"},
      {"an attribute without a value", "<a b/>", "without a value"},
      {"attributes without a blank", "<a b='1'c='2'/>", "malformed tag"},
      {"< in an attribute", "<a b='<'/>", "< inside"},
      {"an unknown entity in an attribute", "<a b='&x;'/>", "not known"},
      {"an attribute without an end", "<a b='1", "no end"},
      {"a tag without an end", "<a ", "no end"},
      {"< alone", "<a>1 < 2</a>", "begins no tag"},
      {"a comment without an end", "<a/><!-- x", "no end"},
      {"-- in a comment", "<a/><!-- x -- y -->", "-- inside"},
      {"]]> in text", "<a>]]></a>", "]]>"},
      {"CDATA without an end", "<a><![CDATA[x</a>", "no end"},
  };
  for (const Case& one : cases) {
    const auto scanned = scan_xml(one.body);
    ASSERT_FALSE(scanned) << one.what;
    EXPECT_NE(scanned.error().detail.find(one.detail), std::string::npos)
        << one.what << ": " << scanned.error().detail;
  }
}

TEST(XmlScan, BoundsElementsAndAttributes) {
  std::string many = "<a>";
  for (std::size_t i = 0; i < kMaxXmlElements; ++i) many += "<b/>";
  EXPECT_FALSE(scan_xml(many + "</a>"));
  std::string wide = "<a";
  for (std::size_t i = 0; i <= kMaxXmlAttributes; ++i) wide += " b" + std::to_string(i) + "=''";
  EXPECT_FALSE(scan_xml(wide + "/>"));
}

TEST(XmlScan, SaysWhere) {
  const auto scanned = scan_xml("<a>\n  <b>&x;</b>\n</a>");
  ASSERT_FALSE(scanned);
  EXPECT_NE(scanned.error().detail.find("line 2, column 6"), std::string::npos)
      << scanned.error().detail;
}

}  // namespace
}  // namespace sallyport::messaging
