#include "gateway/transport_filter.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

using http::Method;
using TransportFilterTest = DoorsFixture;

TEST_F(TransportFilterTest, TlsOrATrustedListener) {
  Sent sent = good();
  EXPECT_EQ(reason(sent), Reason::Ok);
  sent.transport = http::Transport::Trusted;
  EXPECT_EQ(reason(sent), Reason::Ok);
  sent.transport = http::Transport::Refused;
  EXPECT_EQ(reason(sent), Reason::TlsRequired);
}

TEST_F(TransportFilterTest, ForeignOriginsMayNotChangeAnything) {
  const struct {
    Method method;
    const char *origin, *site;
    Reason reason;
    const char* why;
  } rows[] = {
      {Method::Post, nullptr, nullptr, Reason::Ok, "no browser"},
      {Method::Post, "https://api.test:8443", nullptr, Reason::Ok, "our own"},
      {Method::Post, "https://api.test:8443", "same-origin", Reason::Ok, "our own"},
      {Method::Post, "https://console.test", nullptr, Reason::Ok, "listed"},
      {Method::Post, "https://CONSOLE.test:443", "cross-site", Reason::Ok, "listed, written else"},
      {Method::Post, "https://evil.test", nullptr, Reason::OriginRefused, "foreign"},
      {Method::Post, "http://api.test:8443", nullptr, Reason::OriginRefused, "another scheme"},
      {Method::Post, "https://api.test", nullptr, Reason::OriginRefused, "another port"},
      {Method::Post, "null", nullptr, Reason::OriginRefused, "an opaque origin"},
      {Method::Post, "", nullptr, Reason::OriginRefused, "an empty one"},
      {Method::Post, nullptr, "cross-site", Reason::OriginRefused, "cross-site without Origin"},
      {Method::Post, nullptr, "Cross-Site", Reason::OriginRefused, "in any case"},
      {Method::Post, nullptr, "none", Reason::Ok, "typed by a person"},
      {Method::Get, "https://evil.test", "cross-site", Reason::Ok, "reading changes nothing"},
  };
  for (const auto& row : rows) {
    Sent sent = good(row.method);
    if (row.origin != nullptr) sent.fields.emplace_back("origin", row.origin);
    if (row.site != nullptr) sent.fields.emplace_back("sec-fetch-site", row.site);
    EXPECT_EQ(to_string(reason(sent)), to_string(row.reason)) << row.why;
  }
}

TEST_F(TransportFilterTest, TwoOriginsMustBothBeOurs) {
  Sent sent = good(Method::Post);
  sent.fields.emplace_back("origin", "https://console.test");
  sent.fields.emplace_back("origin", "https://evil.test");
  EXPECT_EQ(reason(sent), Reason::OriginRefused);
}

TEST_F(TransportFilterTest, WhoMayReadAnswersMaySendToo) {
  Sent sent = good(Method::Post);
  sent.host = "modern.test";
  sent.fields.emplace_back("origin", "https://shop.test");
  EXPECT_EQ(reason(sent), Reason::Ok) << "it is in cors.origins";
}

TEST_F(TransportFilterTest, Maintenance) {
  Sent sent = good();
  sent.host = "closed.test";
  EXPECT_EQ(reason(sent), Reason::Maintenance);
  sent.fields.clear();
  EXPECT_EQ(reason(sent), Reason::Maintenance) << "before any key is looked at";
}

}  // namespace
}  // namespace sallyport::gateway
