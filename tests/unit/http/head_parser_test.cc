#include "http/head_parser.h"

#include <gtest/gtest.h>

#include <string>

namespace sallyport::http {
namespace {

TEST(HeadScanner, FindsTheSameEndHoweverTheBytesArrive) {
  const config::Limits limits;
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n";
  const std::string bytes = head + "the body";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    HeadScanner scanner(limits);
    HeadFault fault;
    bool complete = false;
    for (std::size_t have = step; !complete; have += step) {
      complete = scanner.scan(std::string_view(bytes).substr(0, have), fault);
      ASSERT_EQ(fault.reason, Reason::Ok);
      ASSERT_LE(have, bytes.size() + step);
    }
    EXPECT_EQ(scanner.end(), head.size());
  }
}

TEST(HeadScanner, RefusesABareLfBeforeTheHeadIsWhole) {
  const config::Limits limits;
  HeadScanner scanner(limits);
  HeadFault fault;
  EXPECT_FALSE(scanner.scan("GET / HTTP/1.1\n", fault));
  EXPECT_EQ(fault.reason, Reason::MalformedHead);
}

TEST(HeadScanner, RefusesAnEndlessTargetBeforeItsLineEnds) {
  const config::Limits limits;
  HeadScanner scanner(limits);
  HeadFault fault;
  EXPECT_FALSE(scanner.scan("GET /" + std::string(9'000, 'a'), fault));
  EXPECT_EQ(fault.reason, Reason::TargetTooLong);
}

TEST(ParseHead, LowersNamesInPlaceAndTrimsValues) {
  std::string head = "PUT /x HTTP/1.1\r\nX-Mixed-CASE: \t Value \t\r\nEmpty:\r\n\r\n";
  Request request;
  ParsedHead parsed;
  ASSERT_EQ(parse_head(head.data(), head.size(), request, parsed).reason, Reason::Ok);
  EXPECT_EQ(parsed.method, "PUT");
  EXPECT_EQ(parsed.target, "/x");
  ASSERT_EQ(request.fields.size(), 2U);
  EXPECT_EQ(request.fields[0].name, "x-mixed-case");
  EXPECT_EQ(request.fields[0].value, "Value");
  EXPECT_EQ(request.fields[0].name.data(), head.data() + 17) << "a slice, not a copy";
  EXPECT_EQ(request.fields[1].value, "");
}

}  // namespace
}  // namespace sallyport::http
