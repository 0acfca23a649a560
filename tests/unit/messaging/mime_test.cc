#include "messaging/mime.h"

#include <gtest/gtest.h>

#include <string>

#include "base/encoding.h"

namespace sallyport::messaging {
namespace {

constexpr char kFrom[] = "no-reply@example.org";

Message message() {
  Message made;
  made.id = MessageId{0x0123456789ABCDEFULL, 0xFEDCBA9876543210ULL};
  made.created_us = 1'790'000'000'000'000;
  made.from_name = "Ann Lee";
  made.content.subject = "Hello";
  made.content.body = "This is the body";
  return made;
}

// Every line ends in CRLF, and there is no other CR or LF.
void expect_line_ends(const std::string& mail) {
  for (std::size_t i = 0; i < mail.size(); ++i) {
    if (mail[i] == '\r') {
      ASSERT_TRUE(i + 1 < mail.size() && mail[i + 1] == '\n') << "a bare CR at " << i;
    }
    if (mail[i] == '\n') {
      ASSERT_TRUE(i > 0 && mail[i - 1] == '\r') << "a bare LF at " << i;
    }
  }
  EXPECT_TRUE(mail.ends_with("\r\n"));
}

TEST(Mime, WritesThePlainestMail) {
  const auto mail = write_mail(message(), kFrom, {"bob@example.com"});
  ASSERT_TRUE(mail) << mail.error().message;
  EXPECT_EQ(*mail,
            "Date: Mon, 21 Sep 2026 14:13:20 +0000\r\n"
            "From: \"Ann Lee\" <no-reply@example.org>\r\n"
            "To: bob@example.com\r\n"
            "Subject: Hello\r\n"
            "Message-ID: <0123456789ABCDEFFEDCBA9876543210@example.org>\r\n"
            "Auto-Submitted: auto-generated\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n"
            "\r\n"
            "This is the body\r\n");
}

TEST(Mime, TheSameMessageGivesTheSameBytes) {
  EXPECT_EQ(*write_mail(message(), kFrom, {"b@example.com"}),
            *write_mail(message(), kFrom, {"b@example.com"}));
}

TEST(Mime, SeveralRecipientsDoNotSeeEachOther) {
  const auto mail = write_mail(message(), kFrom, {"b@example.com", "c@example.com"});
  ASSERT_TRUE(mail);
  EXPECT_NE(mail->find("To: undisclosed-recipients:;\r\n"), std::string::npos);
  EXPECT_EQ(mail->find("b@example.com"), std::string::npos);
}

TEST(Mime, WritesAttachments) {
  Message made = message();
  EmailPart& email = made.content.email.emplace();
  email.body = "<p>hi</p>";
  email.footer = "bye";
  email.type = "text/html";
  email.attachments.push_back({"a.txt", "a text", "file content"});
  const auto mail = write_mail(made, kFrom, {"b@example.com"});
  ASSERT_TRUE(mail);
  expect_line_ends(*mail);
  const std::string boundary = "=_0123456789ABCDEFFEDCBA9876543210";
  const std::string inner = "=_a0123456789ABCDEFFEDCBA9876543210";
  EXPECT_NE(
      mail->find("Content-Type: multipart/mixed;\r\n boundary=\"" + boundary + "\"\r\n\r\n--" +
                 boundary + "\r\nContent-Type: multipart/alternative;\r\n boundary=\"" + inner +
                 "\"\r\n\r\n--" + inner +
                 "\r\nContent-Type: text/plain; charset=utf-8\r\n"
                 "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                 "This is the body\r\n\r\n--" +
                 inner +
                 "\r\nContent-Type: text/html; charset=utf-8\r\n"
                 "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                 "<p>hi</p><br>\r\nbye\r\n\r\n--" +
                 inner + "--\r\n\r\n--" + boundary +
                 "\r\nContent-Type: text/plain\r\nContent-Description: a text\r\n"
                 "Content-Disposition: attachment;\r\n filename=\"a.txt\"\r\n"
                 "Content-Transfer-Encoding: base64\r\n\r\nZmlsZSBjb250ZW50\r\n\r\n--" +
                 boundary + "--\r\n"),
      std::string::npos)
      << *mail;
}

TEST(Mime, EveryLineEndBecomesOne) {
  Message made = message();
  for (const std::string ending : {"\n.\r\n", "\n.\n", "\r.\r", "\r\n.\r\n", "\r.\n", "\n\r\n"}) {
    made.content.body = "x" + ending + "MAIL FROM:<evil@example.com>" + ending;
    const auto mail = write_mail(made, kFrom, {"b@example.com"});
    ASSERT_TRUE(mail);
    expect_line_ends(*mail);
  }
}

TEST(Mime, MostlyForeignTextIsBase64) {
  Message made = message();
  made.content.body = "\u4f60\u597d\n\u4f60\u597d";
  const auto mail = write_mail(made, kFrom, {"b@example.com"});
  ASSERT_TRUE(mail);
  const std::size_t at = mail->find("Content-Transfer-Encoding: base64\r\n\r\n");
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(base64_decode_lenient(mail->substr(at + 37)), "\u4f60\u597d\r\n\u4f60\u597d\r\n");
}

TEST(Mime, QuotedPrintable) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "\r\n"},
      {"plain", "plain\r\n"},
      {"a=b", "a=3Db\r\n"},
      {"caf\u00e9", "caf=C3=A9\r\n"},
      {"end \nnext\t", "end=20\r\nnext=09\r\n"},
      {"a\r\nb\n", "a\r\nb\r\n"},
      {"a\rb", "a\r\nb\r\n"},
      {"From here", "=46rom here\r\n"},
      {std::string("\0", 1), "=00\r\n"},
      {std::string(80, 'x'), std::string(75, 'x') + "=\r\n" + std::string(5, 'x') + "\r\n"},
      {std::string(74, 'x') + "\u00e9", std::string(74, 'x') + "=\r\n=C3=A9\r\n"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(quoted_printable(text), expected) << text;
}

TEST(Mime, Base64InLines) {
  EXPECT_EQ(base64_lines(""), "");
  EXPECT_EQ(base64_lines("abc"), "YWJj\r\n");
  const std::string lines = base64_lines(std::string(100, 'a'));
  EXPECT_EQ(lines.find("\r\n"), 76U);
}

TEST(Mime, HeadersAreEncodedAndFolded) {
  EXPECT_EQ(header_text("Hello", 9), "Hello");
  EXPECT_EQ(header_text("Gr\u00fc\u00dfe & more", 9), "=?UTF-8?Q?Gr=C3=BC=C3=9Fe_=26_more?=");
  EXPECT_NE(header_text("looks =?UTF-8?Q?encoded?=", 9).find("=3D=3F"), std::string::npos);
  EXPECT_NE(header_text(" blank before", 9).find("=?UTF-8?Q?_"), std::string::npos);
  std::string text;
  for (int i = 0; i < 100; ++i) text += "\u4f60";
  const std::string folded = header_text(text, 9);
  std::size_t start = 0;
  while (start < folded.size()) {
    const std::size_t end = std::min(folded.find("\r\n", start), folded.size());
    const std::string line = folded.substr(start, end - start);
    EXPECT_LE(line.size() + (start == 0 ? 9 : 0), 76U);
    // Whole characters in each word: nine bytes of text for each.
    const std::size_t open = line.find("?Q?") + 3;
    EXPECT_EQ((line.rfind("?=") - open) % 9, 0U) << line;
    start = end + 2;
  }
}

TEST(Mime, FileNamesOfEveryKind) {
  EXPECT_EQ(parameter("filename", "a \"b\\.txt"), ";\r\n filename=\"a \\\"b\\\\.txt\"");
  EXPECT_EQ(parameter("filename", "\u00e9.txt"), ";\r\n filename*0*=UTF-8''%C3%A9.txt");
  const std::string longer = parameter("filename", std::string(120, 'x') + ".txt");
  EXPECT_NE(longer.find(";\r\n filename*0*=UTF-8''x"), std::string::npos);
  EXPECT_NE(longer.find(";\r\n filename*2*="), std::string::npos);
}

TEST(Mime, NothingBreaksAHeader) {
  struct Case {
    const char* what;
    void (*spoil)(Message&);
  };
  const Case cases[] = {
      {"CR LF in the subject", [](Message& m) { m.content.subject = "s\r\nBcc: x@example.com"; }},
      {"LF in the subject", [](Message& m) { m.content.subject = "s\nx"; }},
      {"NUL in the subject", [](Message& m) { m.content.subject = std::string("s\0x", 3); }},
      {"CR in the name", [](Message& m) { m.from_name = "a\rb"; }},
      {"LF in the name of an attachment",
       [](Message& m) { m.content.email.emplace().attachments.push_back({"a\nb", "", "c"}); }},
      {"CR in a description",
       [](Message& m) { m.content.email.emplace().attachments.push_back({"a", "d\r", "c"}); }},
      {"another type", [](Message& m) { m.content.email.emplace().type = "text/x\r\nX: y"; }},
  };
  for (const Case& one : cases) {
    Message made = message();
    one.spoil(made);
    const auto mail = write_mail(made, kFrom, {"b@example.com"});
    ASSERT_FALSE(mail) << one.what;
    EXPECT_EQ(mail.error().kind, ErrorKind::Invalid);
  }
  EXPECT_FALSE(write_mail(message(), "a@b\r\nX: y", {"b@example.com"}));
  EXPECT_FALSE(write_mail(message(), kFrom, {"b@example.com\r\nBcc: c@example.com"}));
  EXPECT_FALSE(write_mail(message(), kFrom, {}));
}

TEST(Mime, NamesOfSendersAreQuotedOrEncoded) {
  Message made = message();
  made.from_name = "O\"Neil \\ <x>";
  EXPECT_NE(write_mail(made, kFrom, {"b@example.com"})
                ->find("From: \"O\\\"Neil \\\\ <x>\" <no-reply@example.org>\r\n"),
            std::string::npos);
  made.from_name = "J\u00fcrgen";
  EXPECT_NE(write_mail(made, kFrom, {"b@example.com"})
                ->find("From: =?UTF-8?Q?J=C3=BCrgen?= <no-reply@example.org>\r\n"),
            std::string::npos);
  made.from_name = "";
  EXPECT_NE(write_mail(made, kFrom, {"b@example.com"})->find("From: <no-reply@example.org>\r\n"),
            std::string::npos);
}

}  // namespace
}  // namespace sallyport::messaging
