#include "messaging/bounce_report.h"

#include <gtest/gtest.h>

namespace sallyport::messaging::test {
namespace {

std::string report(const std::string& fields) {
  return "From: mailer-daemon@example.com\r\nContent-Type: multipart/report;\r\n"
         " report-type=delivery-status; boundary=\"x\"\r\n\r\n--x\r\n"
         "Content-Type: text/plain\r\n\r\nSorry.\r\n--x\r\n"
         "Content-Type: message/delivery-status\r\n\r\n"
         "Reporting-MTA: dns; mx.example.com\r\n\r\n" +
         fields + "\r\n--x--\r\n";
}

TEST(BounceReport, ReadsWhatHappened) {
  using Action = BounceReport::Action;
  struct Case {
    const char* fields;
    Action action;
    int code;
    const char* text;
  };
  const Case cases[] = {
      {"Final-Recipient: rfc822; a@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n"
       "Diagnostic-Code: smtp; 550 5.1.1\r\n  no such user\r\n",
       Action::Failed, 550, "bounced: 550 5.1.1 no such user"},
      {"Action: FAILED\r\nStatus: 5.2.2\r\n", Action::Failed, 500, "bounced: 5.2.2"},
      {"Action: delayed\r\nStatus: 4.4.1\r\n", Action::Delayed, 400, "reported: 4.4.1"},
      {"Action: delivered\nStatus: 2.0.0\n", Action::Delivered, 200, "reported: 2.0.0"},
  };
  for (const Case& one : cases) {
    const auto found = read_bounce(report(one.fields));
    ASSERT_TRUE(found) << one.fields;
    EXPECT_EQ(found->action, one.action) << one.fields;
    EXPECT_EQ(found->code, one.code) << one.fields;
    EXPECT_EQ(found->text, one.text);
  }
}

TEST(BounceReport, EverythingElseSaysNothing) {
  const std::string cases[] = {
      "",
      "From: a@b\r\n\r\nI am on holiday",
      "Content-Type: multipart/report\r\n\r\nnothing",
      report("Action: relayed\r\nStatus: 2.0.0\r\n"),
      report("Status: 5.0.0\r\n"),
      std::string(5000, '\0'),
  };
  for (const std::string& one : cases) EXPECT_FALSE(read_bounce(one)) << one.substr(0, 40);
}

TEST(BounceReport, WhatOthersWroteIsBounded) {
  const auto found = read_bounce(
      report("Action: failed\r\nDiagnostic-Code: smtp; 550 " + std::string(5000, '\x01')));
  ASSERT_TRUE(found);
  EXPECT_LE(found->text.size(), 200U);
  EXPECT_EQ(found->text.find('\x01'), std::string::npos);
}

}  // namespace
}  // namespace sallyport::messaging::test
