#include "messaging/media_type.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::messaging {
namespace {

constexpr char kJson[] = "application/vnd.whispir.message-v1+json";
constexpr char kXml[] = "application/vnd.whispir.message-v1+xml";

MediaRules rules() { return {"whispir", {"message", "bulkmessage"}}; }

std::string negotiated(std::string accept, std::string content_type = {}) {
  const MediaFields fields{std::move(accept), std::move(content_type), false};
  const auto type = negotiate(fields, rules());
  if (!type) return "406";
  EXPECT_EQ(type->format == Format::Json, type->text.ends_with("json")) << type->text;
  return type->text;
}

TEST(MediaType, Negotiates) {
  struct Case {
    const char* what;
    const char* accept;
    const char* content_type;
    const char* expected;
  };
  const Case cases[] = {
      {"nothing asked, nothing sent: XML", "", "", kXml},
      {"nothing asked, JSON sent", "", kJson, kJson},
      {"nothing asked, plain JSON sent: the vendor's type all the same", "", "application/json",
       kJson},
      {"nothing asked, an unknown type sent", "", "text/csv", kXml},
      {"everything, nothing sent", "*/*", "", kXml},
      {"everything, JSON sent", "*/*", "application/json; charset=utf-8", kJson},
      {"application/*", "application/*", "", kXml},
      {"the vendor's JSON", kJson, "", kJson},
      {"the vendor's XML though JSON was sent", kXml, kJson, kXml},
      {"in upper case", "APPLICATION/VND.WHISPIR.MESSAGE-V1+JSON", "", kJson},
      {"with a charset", "application/vnd.whispir.message-v1+json; charset=utf-8", "", kJson},
      {"with a quoted charset", "application/vnd.whispir.message-v1+json;charset=\"UTF-8\"", "",
       kJson},
      {"another charset", "application/json; charset=iso-8859-1", "", "406"},
      {"another name that fits", "application/vnd.whispir.bulkmessage-v1+json", "",
       "application/vnd.whispir.bulkmessage-v1+json"},
      {"a name that does not fit", "application/vnd.whispir.contact-v1+json", "", "406"},
      {"another vendor", "application/vnd.other.message-v1+json", "", "406"},
      {"another version", "application/vnd.whispir.message-v2+json", "", "406"},
      {"plain JSON stays plain", "application/json", "", "application/json"},
      {"plain XML stays plain", "application/xml", "", "application/xml"},
      {"text/xml", "text/xml", "", "text/xml"},
      {"text/*", "text/*", "", "text/xml"},
      {"something else", "image/png", "", "406"},
      {"something else, and everything with less", "image/png, */*;q=0.1", kJson, kJson},
      {"the larger q wins", "application/json;q=0.5, application/xml;q=0.9", "", "application/xml"},
      {"of equal ones the more specific", "*/*, application/json", "", "application/json"},
      {"of equal ones the first", "application/json, application/xml", "", "application/json"},
      {"of equal ones the first, turned", "application/xml, application/json", "",
       "application/xml"},
      {"q=0 is never", "application/json;q=0", "", "406"},
      {"q=0 excludes from */*", "application/vnd.whispir.message-v1+xml;q=0, */*", "", kJson},
      {"a q that is none counts as 1", "application/json;q=nonsense", "", "application/json"},
      {"three digits", "application/json;q=0.001, application/xml;q=0.002", "", "application/xml"},
      {"empty elements", ", ,application/json,", "", "application/json"},
      {"a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "",
       "application/xml"},
      {"a bare star", "*", "", kXml},
      {"a comma in quotes", "a/b;x=\"c,d\", application/json", "", "application/json"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(negotiated(one.accept, one.content_type), one.expected) << one.what;
  }
}

TEST(MediaType, AnErrorEchoesWhatWasAskedFor) {
  struct Case {
    const char* what;
    const char* accept;
    const char* content_type;
    const char* expected;
  };
  const Case cases[] = {
      {"any vendor type", "application/vnd.whispir.contact-v1+json", "",
       "application/vnd.whispir.contact-v1+json"},
      {"the resource's own", kXml, "", kXml},
      {"plain", "application/json", "", "application/json"},
      {"nothing", "", "", kXml},
      {"nothing, JSON sent", "", kJson, kJson},
      {"what we never write", "image/png", "", kXml},
      {"what we never write, JSON sent", "image/png", kJson, kJson},
      {"another vendor's", "application/vnd.other.x-v1+json", "", kXml},
      {"a name with odd characters", "application/vnd.whispir.<x>-v1+json", "", kXml},
      {"everything", "*/*", kJson, kJson},
  };
  for (const Case& one : cases) {
    const MediaFields fields{one.accept, one.content_type, false};
    EXPECT_EQ(negotiate_error(fields, rules()).text, one.expected) << one.what;
  }
}

TEST(MediaType, KnowsTheTypeOfABody) {
  struct Case {
    const char* what;
    const char* content_type;
    bool known;
    Format format;
    const char* name;
  };
  const Case cases[] = {
      {"the vendor's JSON", kJson, true, Format::Json, "message"},
      {"the vendor's XML", kXml, true, Format::Xml, "message"},
      {"another resource", "application/vnd.whispir.bulkmessage-v1+json", true, Format::Json,
       "bulkmessage"},
      {"plain JSON", "application/json", true, Format::Json, ""},
      {"plain XML", "application/xml;charset=UTF-8", true, Format::Xml, ""},
      {"text/xml", "text/xml", true, Format::Xml, ""},
      {"none", "", false, Format::Json, ""},
      {"text", "text/plain", false, Format::Json, ""},
      {"a form", "application/x-www-form-urlencoded", false, Format::Json, ""},
      {"another charset", "application/json; charset=utf-16", false, Format::Json, ""},
      {"another vendor", "application/vnd.other.message-v1+json", false, Format::Json, ""},
      {"another version", "application/vnd.whispir.message-v2+json", false, Format::Json, ""},
  };
  for (const Case& one : cases) {
    const auto type = body_type({"", one.content_type, false}, "whispir");
    ASSERT_EQ(type.has_value(), one.known) << one.what;
    if (!type) continue;
    EXPECT_EQ(type->format, one.format) << one.what;
    EXPECT_EQ(type->name, one.name) << one.what;
  }
  EXPECT_FALSE(body_type({"", "application/json", true}, "whispir")) << "two Content-Types";
}

TEST(MediaType, JoinsRepeatedFields) {
  http::Request request;
  request.fields = {{"accept", "image/png"},
                    {"accept", "application/json"},
                    {"content-type", "text/xml"},
                    {"content-type", "text/xml"}};
  const MediaFields fields = media_fields(request);
  EXPECT_EQ(fields.accept, "image/png,application/json");
  EXPECT_TRUE(fields.content_type_repeated);
}

TEST(MediaType, TheVendorsNameIsConfigurable) {
  EXPECT_EQ(vendor_type("acme", "message", Format::Xml), "application/vnd.acme.message-v1+xml");
  EXPECT_EQ(vendor_types("whispir", "message"), std::string(kXml) + "," + kJson);
}

}  // namespace
}  // namespace sallyport::messaging
