#include "http/canonical.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::http {
namespace {

struct Case {
  const char* target;
  const char* path;  // null: refused
  const char* why;
};

TEST(Canonical, PathsAreMadeCanonicalOrRefused) {
  const Case cases[] = {
      {"/", "/", "the root"},
      {"/messages", "/messages", "nothing to do"},
      {"/messages/", "/messages/", "a trailing slash is kept"},
      {"/%6Dessages", "/messages", "unreserved characters are decoded"},
      {"/a%2cb", "/a%2Cb", "hexadecimal case is raised"},
      {"/gr\xC3\xBC\xC3\x9F", "/gr%C3%BC%C3%9F", "raw UTF-8 is encoded"},
      {"/gr%c3%bc", "/gr%C3%BC", "encoded UTF-8 is kept"},
      {"/a b", "/a%20b", "what a target cannot hold is encoded"},
      {"/.well-known/x", "/.well-known/x", "a dot that begins a name"},
      {"/a..b/c.d", "/a..b/c.d", "dots inside a name"},
      {"/a%25b", "/a%25b", "a percent sign that hides nothing"},
      {"/24%2541", "/24%2541", "double encoding of a letter goes nowhere else"},
      {"/x=1&y,z:@!$'()*+", "/x=1&y,z:@!$'()*+", "sub-delimiters"},
      {"/public/../admin", nullptr, "dot segment"},
      {"/public/%2e%2e/admin", nullptr, "encoded dot segment"},
      {"/public/.%2E/admin", nullptr, "half encoded"},
      {"/public/..%2fadmin", nullptr, "encoded slash behind dots"},
      {"/public/%252e%252e/admin", nullptr, "double encoding"},
      {"/public/%25252e/admin", nullptr, "triple encoding"},
      {"/a%252fb", nullptr, "doubly encoded slash"},
      {"/.", nullptr, "one dot"},
      {"/..", nullptr, "two dots"},
      {"/./messages", nullptr, "dot in front"},
      {"//messages", nullptr, "looks like an authority"},
      {"/a//b", nullptr, "empty segment"},
      {"/a//", nullptr, "empty segment at the end"},
      {"/a%2fb", "/a%2Fb", "encoded slash, for its route to judge"},
      {"/a%2F..%2Fb", nullptr, "dots between encoded slashes"},
      {"/a%2f%2e", nullptr, "a dot behind one"},
      {"/%2Fhost", nullptr, "an authority once decoded"},
      {"/a/%2Fb", nullptr, "an empty segment once decoded"},
      {"/a%2F%2Fb", nullptr, "the same"},
      {"/a%2F", nullptr, "a slash at the end once decoded"},
      {"/a\\b", nullptr, "backslash"},
      {"/a%5Cb", nullptr, "encoded backslash"},
      {"/a#b", nullptr, "number sign"},
      {"/a;v=1/b;w", "/a;v=1/b;w", "parameters, for the route to judge"},
      {"/a/;v=1/b", nullptr, "an empty segment without them"},
      {"/a%2F..;v", nullptr, "dots between a slash and parameters"},
      {"/a;v%2F..", nullptr, "and behind parameters"},
      {"/a%3Bv", "/a%3Bv", "a semicolon that is none"},
      {"/..;/a", nullptr, "parameters behind dots"},
      {"/..%3b/a", nullptr, "encoded parameters behind dots"},
      {"/a%00b", nullptr, "NUL"},
      {"/a%0d%0ab", nullptr, "line break"},
      {"/a%1fb", nullptr, "control byte"},
      {"/a\x01"
       "b",
       nullptr, "raw control byte"},
      {"/%zz", nullptr, "broken escape"},
      {"/%4", nullptr, "cut escape"},
      {"/%c0%af", nullptr, "overlong UTF-8"},
      {"/%ff", nullptr, "not UTF-8"},
      {"/\xff", nullptr, "raw bytes that are not UTF-8"},
      {"messages", nullptr, "no slash"},
      {"*", nullptr, "an asterisk is for OPTIONS"},
      {"http://example.com/x", "/x", "absolute form, same authority"},
      {"https://EXAMPLE.com", "/", "absolute form without a path"},
      {"http://example.com?x=1", nullptr, "absolute form with a query only: we do not guess"},
      {"http://evil.com/x", nullptr, "absolute form, other authority"},
      {"http://example.com:81/x", nullptr, "absolute form, other port"},
      {"http://user@example.com/x", nullptr, "user information"},
      {"ftp://example.com/x", nullptr, "another scheme"},
  };
  for (const Case& c : cases) {
    Request request;
    const std::string target = c.target;
    const char* fault = make_canonical(request, target, "example.com");
    if (c.path == nullptr) {
      EXPECT_NE(fault, nullptr) << c.target << ": " << c.why;
      continue;
    }
    EXPECT_EQ(fault, nullptr) << c.target << ": " << c.why;
    EXPECT_EQ(request.path, c.path) << c.why;
    Request again;
    const std::string canonical(request.path);
    EXPECT_EQ(make_canonical(again, canonical, "example.com"), nullptr) << c.why;
    EXPECT_EQ(again.path, request.path) << "canonical twice is canonical once: " << c.why;
  }
}

TEST(Canonical, SegmentsIgnoreATrailingSlash) {
  Request request;
  ASSERT_EQ(make_canonical(request, "/a/b/", "h"), nullptr);
  EXPECT_EQ(request.segments, (std::vector<std::string_view>{"a", "b"}));
  EXPECT_TRUE(request.trailing_slash);
  Request root;
  ASSERT_EQ(make_canonical(root, "/", "h"), nullptr);
  EXPECT_TRUE(root.segments.empty());
  EXPECT_FALSE(root.trailing_slash);
}

TEST(Canonical, TellsWhatOnlyARouteCanLetPass) {
  Request plain;
  ASSERT_EQ(make_canonical(plain, "/a%20b/%3B", "h"), nullptr);
  EXPECT_FALSE(plain.encoded_slash || plain.parameters);
  Request slash;
  ASSERT_EQ(make_canonical(slash, "/a%2fb/c", "h"), nullptr);
  EXPECT_TRUE(slash.encoded_slash && !slash.parameters);
  EXPECT_EQ(slash.segments, (std::vector<std::string_view>{"a%2Fb", "c"})) << "undecoded";
  Request parameters;
  ASSERT_EQ(make_canonical(parameters, "/a;v=1/b;w;x=c%2fd", "h"), nullptr);
  EXPECT_TRUE(parameters.parameters && parameters.encoded_slash);
  EXPECT_EQ(parameters.segments, (std::vector<std::string_view>{"a", "b"})) << "without them";
  EXPECT_EQ(parameters.path, "/a;v=1/b;w;x=c%2Fd") << "with them";
  parameters.clear();
  EXPECT_FALSE(parameters.parameters || parameters.encoded_slash);
}

TEST(Canonical, QueriesSplitOnAmpersandsAndStayAsTheyAre) {
  Request request;
  const std::string target = "/m?%61pikey=K%2B&date=24%2F11%2F2026&empty=&flag&a=b=c&&x=%zz";
  ASSERT_EQ(make_canonical(request, target, "h"), nullptr);
  ASSERT_EQ(request.pairs.size(), 6U);
  EXPECT_EQ(request.pairs[0].name, "apikey");
  EXPECT_EQ(request.pairs[0].value, "K+");
  EXPECT_EQ(request.pairs[0].raw, "%61pikey=K%2B");
  EXPECT_EQ(request.pairs[1].value, "24/11/2026");
  EXPECT_EQ(request.pairs[3].name, "flag");
  EXPECT_EQ(request.pairs[4].value, "b=c");
  EXPECT_EQ(request.pairs[5].value, "%zz");
  EXPECT_EQ(request.query_value("empty"), "");
}

TEST(Canonical, QueriesWithHiddenLineEndsAreRefused) {
  for (const char* query : {"a=%00", "a=%0d", "a=%0A", "a#b", "a=\x02"}) {
    Request request;
    const std::string target = std::string("/m?") + query;
    EXPECT_NE(make_canonical(request, target, "h"), nullptr) << query;
  }
}

TEST(Canonical, Hosts) {
  const Case cases[] = {
      {"example.com", "example.com", "as it is"},
      {"EXAMPLE.Com:8443", "example.com", "case and port"},
      {"example.com.", "example.com", "one trailing dot"},
      {"example.com.:80", "example.com", "dot and port"},
      {"[::1]:8443", "[::1]", "an IPv6 literal"},
      {"127.0.0.1", "127.0.0.1", "an IPv4 address"},
      {"", nullptr, "empty"},
      {".", nullptr, "only a dot"},
      {"example.com..", nullptr, "two trailing dots"},
      {"example..com", nullptr, "an empty label"},
      {".example.com", nullptr, "a dot in front"},
      {"example.com:65535", "example.com", "the last port"},
      {"example.com:65536", nullptr, "one behind the last port"},
      {"user@example.com", nullptr, "user information"},
      {"example.com/x", nullptr, "a path"},
      {"exa mple", nullptr, "a blank"},
      {"example.com:port", nullptr, "not a port"},
      {"example.com:123456", nullptr, "a port that is too long"},
      {"[::1", nullptr, "a broken literal"},
      {"[fe80::1%25eth0]", nullptr, "a zone"},
      {"b\xC3\xBC"
       "cher.example",
       nullptr, "not ASCII"},
      {"a,b", nullptr, "two in one"},
  };
  for (const Case& c : cases) {
    Request request;
    const std::string host = c.target;
    const char* fault = canonical_host(request, host);
    EXPECT_EQ(fault == nullptr, c.path != nullptr) << c.target << ": " << c.why;
    if (c.path != nullptr) {
      EXPECT_EQ(request.host, c.path) << c.why;
    }
  }
}

}  // namespace
}  // namespace sallyport::http
