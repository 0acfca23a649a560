#include "http/forwarded.h"

#include <gtest/gtest.h>

namespace sallyport::http {
namespace {

std::vector<Network> trusted() {
  return {*Network::parse("10.0.0.0/8"), *Network::parse("2001:db8:ffff::/48")};
}

std::string told(const std::vector<Field>& fields) {
  const ForwardedClient found = forwarded_client(fields, trusted());
  if (found.ambiguous) return "ambiguous";
  std::string text = found.client ? found.client->text() : "-";
  if (found.tls) text += *found.tls ? " tls" : " plain";
  return text;
}

TEST(Forwarded, TheNearestThatIsNoProxyOfOurs) {
  struct Row {
    const char* what;
    std::vector<Field> fields;
    const char* told;
  };
  const Row rows[] = {
      {"nothing", {{"host", "x"}}, "-"},
      {"one", {{"x-forwarded-for", "192.0.2.1"}}, "192.0.2.1"},
      {"a client's own word in front", {{"x-forwarded-for", "6.6.6.6, 192.0.2.1"}}, "192.0.2.1"},
      {"over two of our proxies",
       {{"x-forwarded-for", "6.6.6.6, 192.0.2.1, 10.0.0.7"}},
       "192.0.2.1"},
      {"in two fields",
       {{"x-forwarded-for", "192.0.2.1"}, {"x-forwarded-for", "10.0.0.7"}},
       "192.0.2.1"},
      {"all of them ours", {{"x-forwarded-for", "10.0.0.1,10.0.0.2"}}, "10.0.0.1"},
      {"with a port", {{"x-forwarded-for", "192.0.2.1:4711"}}, "192.0.2.1"},
      {"IPv6", {{"x-forwarded-for", "2001:db8::1"}}, "2001:db8::1"},
      {"IPv6 with a port", {{"x-forwarded-for", "[2001:db8::1]:4711"}}, "2001:db8::1"},
      {"unknown behind ours", {{"x-forwarded-for", "192.0.2.1, unknown, 10.0.0.7"}}, "10.0.0.7"},
      {"the scheme", {{"x-forwarded-proto", "https"}}, "- tls"},
      {"the scheme in any case", {{"x-forwarded-proto", "HTTP"}}, "- plain"},
      {"one stretch without TLS", {{"x-forwarded-proto", "https, http"}}, "- plain"},
      {"the standard's", {{"forwarded", "for=192.0.2.1;proto=https;by=10.0.0.1"}}, "192.0.2.1 tls"},
      {"its quotes",
       {{"forwarded", "For=\"[2001:db8::1]:80\"; Proto=\"http\""}},
       "2001:db8::1 plain"},
      {"its list",
       {{"forwarded", "for=6.6.6.6, for=192.0.2.1;proto=https, for=10.0.0.7;proto=https"}},
       "192.0.2.1 tls"},
      {"its scheme on a stretch between ours",
       {{"forwarded", "for=192.0.2.1;proto=https, for=10.0.0.7;proto=http"}},
       "192.0.2.1 plain"},
      {"hidden", {{"forwarded", "for=_secret;proto=https"}}, "- tls"},
      {"both, agreeing",
       {{"forwarded", "for=192.0.2.1"},
        {"x-forwarded-for", "192.0.2.1"},
        {"x-forwarded-proto", "https"}},
       "192.0.2.1 tls"},
  };
  for (const Row& row : rows) EXPECT_EQ(told(row.fields), row.told) << row.what;
}

TEST(Forwarded, WhatDisagreesOrIsMalformedIsAmbiguous) {
  const std::vector<Field> rows[] = {
      {{"forwarded", "for=6.6.6.6"}, {"x-forwarded-for", "192.0.2.1"}},
      {{"forwarded", "for=6.6.6.6"}, {"x-forwarded-proto", "https"}},
      {{"forwarded", "for=192.0.2.1;proto=https"},
       {"x-forwarded-for", "192.0.2.1"},
       {"x-forwarded-proto", "http"}},
      {{"x-forwarded-for", "localhost"}},
      {{"x-forwarded-for", ""}},
      {{"x-forwarded-for", "192.0.2.1,"}},
      {{"x-forwarded-for", "192.0.2.1:http"}},
      {{"x-forwarded-for", "\"192.0.2.1\""}},
      {{"x-forwarded-proto", "gopher"}},
      {{"forwarded", "for"}},
      {{"forwarded", "for=\"192.0.2.1"}},
      {{"forwarded", "for=192.0.2.1;for=6.6.6.6"}},
      {{"forwarded", "for=192.0.2.1;proto=https;proto=http"}},
      {{"forwarded", "for=192.0.2.1;;"}},
      {{"forwarded", "for=example.com"}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(told(row), "ambiguous") << row[0].name << ": " << row[0].value;
  }
}

}  // namespace
}  // namespace sallyport::http
