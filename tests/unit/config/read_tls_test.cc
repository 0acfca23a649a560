#include "config/read_tls.h"

#include <gtest/gtest.h>

#include "config/parse.h"

namespace sallyport::config {
namespace {

TEST(HostPattern, OneLabelInFrontOfAName) {
  for (const char* good : {"api.example.com", "192.0.2.1", "*.example.com", "*.eu.example.com"}) {
    EXPECT_TRUE(is_host_pattern(good)) << good;
  }
  for (const char* bad : {"*", "*.", "*.com", "*.*.example.com", "a.*.example.com",
                          "*a.example.com", "*.192.0.2.1", "*.example.com:443", ""}) {
    EXPECT_FALSE(is_host_pattern(bad)) << bad;
  }
}

std::string problems_of(const std::string& host_keys, const std::string& front = "") {
  const Parsed parsed = parse(front +
                                  "[[listener]]\nkind = \"tls\"\nport = 1\ncertificate = \"c\"\n"
                                  "key = \"k\"\n[[api]]\nname = \"a\"\n[[api.host]]\n" +
                                  host_keys,
                              "x.toml");
  std::string text;
  for (const Problem& problem : parsed.problems) text += problem.text + "\n";
  return text;
}

TEST(HostTls, WhatContradictsItselfIsTold) {
  const struct {
    const char* keys;
    const char* told;  // "" = nothing
  } rows[] = {
      {"host = \"a.test\"\ncertificate = \"c\"\nkey = \"k\"\n", ""},
      {"host = \"a.test\"\ncertificate = \"c\"\n", "come together"},
      {"host = \"a.test\"\nkey = \"k\"\n", "come together"},
      {"host = \"a.test\"\nocsp_response = \"o\"\n", "needs the host's own"},
      {"host = \"a.test\"\nclient_certificates = \"required\"\nclient_ca = \"c\"\n", ""},
      {"host = \"a.test\"\nclient_certificates = \"optional\"\n", "needs api[].host[].client_ca"},
      {"host = \"a.test\"\nclient_certificates = \"maybe\"\n", "must be one of"},
      {"host = \"a.test\"\nclient_ca = \"c\"\n", "needs api[].host[].client_certificates"},
      {"host = \"a.test\"\nclient_name = \"san dns\"\n", "needs api[].host[].client_certificates"},
      {"host = \"*.a.test\"\n", "needs api[].host[].public_url"},
      {"host = \"*.a.test\"\npublic_url = \"https://a.test\"\n", ""},
  };
  for (const auto& row : rows) {
    const std::string told = problems_of(row.keys);
    if (*row.told == '\0') {
      EXPECT_EQ(told, "") << row.keys;
    } else {
      EXPECT_NE(told.find(row.told), std::string::npos) << row.keys << told;
    }
  }
}

TEST(TrustedProxies, AreNetworks) {
  EXPECT_EQ(problems_of("host = \"a.test\"\n", "trusted_proxies = [\"10.0.0.0/8\", \"::1/128\"]\n"),
            "");
  EXPECT_NE(problems_of("host = \"a.test\"\n", "trusted_proxies = [\"10.0.0.1/8\"]\n")
                .find("wrong network"),
            std::string::npos);
}

}  // namespace
}  // namespace sallyport::config
