#include "gateway/accept.h"

#include <gtest/gtest.h>

namespace sallyport::gateway {
namespace {

MediaChoice choose(const char* accept, const char* content_type = nullptr) {
  http::Request request;
  if (accept != nullptr) request.fields.push_back({"accept", accept});
  if (content_type != nullptr) request.fields.push_back({"content-type", content_type});
  return choose_media(request);
}

TEST(Accept, TheClientsTypeIsEchoed) {
  constexpr const char* kVendorJson = "application/vnd.whispir.message-v1+json";
  constexpr const char* kVendorXml = "application/vnd.whispir.message-v1+xml";
  const struct {
    const char *accept, *content_type, *type;
    const char* why;
  } rows[] = {
      {nullptr, nullptr, "application/xml", "nothing asked: XML"},
      {"*/*", nullptr, "application/xml", "anything: XML"},
      {"*/*", kVendorJson, kVendorJson, "anything: as the request's own type"},
      {nullptr, "application/json; charset=utf-8", "application/json", "without parameters"},
      {nullptr, "text/plain", "application/xml", "a type we do not know"},
      {"application/json", kVendorXml, "application/json", "Accept comes first"},
      {kVendorJson, nullptr, kVendorJson, "the vendor's"},
      {"application/vnd.whispir.message-v1+xml; charset=utf-8", nullptr, kVendorXml, "a parameter"},
      {"text/html, application/xml;q=0.9, */*;q=0.8", nullptr, "application/xml", "a browser"},
      {"application/xml;q=0.5, application/json;q=0.6", nullptr, "application/json", "q-values"},
      {"application/json;q=0, application/xml", nullptr, "application/xml", "q=0 is no"},
      {"application/json;q=0", nullptr, "application/xml", "and leaves the default"},
      {"application/json, application/xml", nullptr, "application/json", "the first of equals"},
      {"APPLICATION/JSON", nullptr, "APPLICATION/JSON", "as it was written"},
      {"application/vnd.x\x01y+json", nullptr, "application/xml", "no type at all"},
      {"application/vnd.a/b+json", nullptr, "application/xml", "two slashes"},
      {",,;;,", nullptr, "application/xml", "rubbish"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(choose(row.accept, row.content_type).type, row.type) << row.why;
  EXPECT_TRUE(choose(kVendorJson).json);
  EXPECT_FALSE(choose(kVendorXml).json);
  EXPECT_EQ(choose(("application/vnd." + std::string(300, 'x') + "+json").c_str()).type,
            "application/xml")
      << "too long to echo";
}

}  // namespace
}  // namespace sallyport::gateway
