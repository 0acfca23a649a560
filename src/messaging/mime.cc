#include "messaging/mime.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/time_text.h"
#include "messaging/address.h"
#include "messaging/html_text.h"
#include "messaging/text.h"

namespace sallyport::messaging {
namespace {

constexpr std::size_t kLine = 76;         // RFC 2045 6.7, 6.8
constexpr std::size_t kEncodedWord = 75;  // RFC 2047 2
constexpr std::string_view kCrlf = "\r\n";
constexpr std::string_view kUpperHex = "0123456789ABCDEF";

bool is_plain(char c) { return c >= 0x20 && c <= 0x7E; }

bool breaks_header(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

// Lines without their ends, whatever these were.
template <class Visit>
void for_each_line(std::string_view text, Visit visit) {
  std::size_t start = 0;
  for (;;) {
    const std::size_t end = std::min(text.find_first_of("\r\n", start), text.size());
    visit(text.substr(start, end - start));
    if (end == text.size()) return;
    start = end + (text.substr(end, 2) == kCrlf ? 2 : 1);
    if (start == text.size()) return;
  }
}

void append_escaped(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += '=';
  out += kUpperHex[byte >> 4];
  out += kUpperHex[byte & 15];
}

// RFC 2047 4.2 and 5 (3): what may stand as itself in an encoded word of a phrase.
bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("!*+-/").find(c) != std::string_view::npos;
}

std::string encoded_words(std::string_view utf8, std::size_t used) {
  constexpr std::string_view kOpen = "=?UTF-8?Q?";
  constexpr std::string_view kClose = "?=";
  std::string out;
  std::string word;
  // The first word must fit behind what the line has; a line of 76 is the most (RFC 2047 2).
  std::size_t room = kLine > used + 20 ? std::min(kEncodedWord, kLine - used) : kEncodedWord;
  const auto flush = [&] {
    if (word.empty()) return;
    if (!out.empty()) out += "\r\n ";
    out.append(kOpen).append(word).append(kClose);
    word.clear();
    room = kEncodedWord;
  };
  for (std::size_t i = 0; i < utf8.size();) {
    const auto point = code_point_at(utf8, i);
    const std::size_t length = point ? point->length : 1;
    std::string coded;
    for (const char c : utf8.substr(i, length)) {
      if (c == ' ') {
        coded += '_';
      } else if (is_word_char(c)) {
        coded += c;
      } else {
        append_escaped(coded, c);
      }
    }
    // A character is never split between two words (RFC 2047 5).
    if (kOpen.size() + word.size() + coded.size() + kClose.size() > room) flush();
    word += coded;
    i += length;
  }
  flush();
  return out;
}

std::string phrase(std::string_view name, std::size_t used) {
  const bool plain = std::ranges::all_of(name, is_plain);
  if (!plain || name.size() + used > kLine || name.find("=?") != std::string_view::npos) {
    return encoded_words(name, used);
  }
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

// By the end of the name; what is not here is only bytes.
std::string_view content_type_of(std::string_view name) {
  struct Known {
    std::string_view end;
    std::string_view type;
  };
  constexpr Known kKnown[] = {
      {".txt", "text/plain"},      {".csv", "text/csv"},          {".html", "text/html"},
      {".pdf", "application/pdf"}, {".png", "image/png"},         {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},     {".gif", "image/gif"},         {".ics", "text/calendar"},
      {".zip", "application/zip"}, {".json", "application/json"}, {".xml", "application/xml"},
  };
  const std::string lower = ascii_lower(name);
  for (const Known& known : kKnown) {
    if (lower.ends_with(known.end)) return known.type;
  }
  return "application/octet-stream";
}

// Quoted-printable while most of it reads as it is, base64 else.
std::string text_part(std::string_view type, std::string_view text) {
  const auto foreign = static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }));
  std::string out = fmt::format("Content-Type: {}; charset=utf-8\r\n", type);
  if (foreign * 4 > text.size()) {
    std::string lines;
    for_each_line(text, [&lines](std::string_view line) { lines.append(line).append(kCrlf); });
    return out + "Content-Transfer-Encoding: base64\r\n\r\n" + base64_lines(lines);
  }
  return out + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + quoted_printable(text);
}

std::string attachment_part(const Attachment& attachment) {
  std::string out = fmt::format("Content-Type: {}\r\n", content_type_of(attachment.name));
  if (!attachment.description.empty()) {
    constexpr std::string_view kName = "Content-Description: ";
    out.append(kName).append(header_text(attachment.description, kName.size())).append(kCrlf);
  }
  out += "Content-Disposition: attachment" + parameter("filename", attachment.name) + "\r\n";
  out += "Content-Transfer-Encoding: base64\r\n\r\n" + base64_lines(attachment.content);
  return out;
}

std::string with_footer(const EmailPart& email) {
  std::string text = email.body;
  if (!email.footer.empty()) {
    text += email.type == "text/html" ? "<br>\r\n" : "\r\n\r\n";
    text += email.footer;
  }
  return text;
}

// The text itself: HTML beside plain text where there is some for those who read no HTML.
std::string body_part(const MessageContent& content, std::string_view id) {
  if (!content.email) return text_part("text/plain", content.body);
  if (content.email->type != "text/html")
    return text_part("text/plain", with_footer(*content.email));
  const std::string plain =
      trim_ascii(content.body).empty() ? text_of_html(with_footer(*content.email)) : content.body;
  const std::string boundary = fmt::format("=_a{}", id);
  return fmt::format(
      "Content-Type: multipart/alternative;\r\n "
      "boundary=\"{0}\"\r\n\r\n--{0}\r\n{1}\r\n--{0}\r\n{2}"
      "\r\n--{0}--\r\n",
      boundary, text_part("text/plain", plain),
      text_part("text/html", with_footer(*content.email)));
}

Result<void> check(const Message& message, std::string_view mail_from,
                   const std::vector<std::string>& to) {
  if (!is_email_address(mail_from)) return fail(ErrorKind::Invalid, "the sender is no address");
  if (to.empty()) return fail(ErrorKind::Invalid, "a mail needs a recipient");
  for (const std::string& address : to) {
    if (!is_email_address(address)) return fail(ErrorKind::Invalid, "a recipient is no address");
  }
  if (breaks_header(message.content.subject) || breaks_header(message.from_name)) {
    return fail(ErrorKind::Invalid, "a line break or NUL in a header");
  }
  if (!message.content.email) return {};
  const EmailPart& email = *message.content.email;
  if (email.type != "text/plain" && email.type != "text/html") {
    return fail(ErrorKind::Invalid, "the type of the text is not known");
  }
  if (!email.unsubscribe_url.empty() && !is_unsubscribe_url(email.unsubscribe_url)) {
    return fail(ErrorKind::Invalid, "the address to unsubscribe at is no URL");
  }
  for (const Attachment& one : email.attachments) {
    if (breaks_header(one.name) || breaks_header(one.description)) {
      return fail(ErrorKind::Invalid, "a line break or NUL in the name of an attachment");
    }
  }
  return {};
}

}  // namespace

std::string message_id_of(const Message& message, std::string_view mail_from) {
  return fmt::format("<{}@{}>", message.id.hex(), domain_of(mail_from));
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  for_each_line(text, [&out](std::string_view line) {
    std::size_t column = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const char c = line[i];
      const bool last = i + 1 == line.size();
      const bool blank = c == ' ' || c == '\t';
      // Blanks at the end of a line may get lost on the way; a "From " at its beginning is changed
      // by some mailboxes.
      const bool from = i == 0 && line.starts_with("From ");
      const bool as_it_is = (is_plain(c) || c == '\t') && c != '=' && !(blank && last) && !from;
      const std::size_t width = as_it_is ? 1 : 3;
      if (column + width > kLine - 1) {
        out += "=\r\n";
        column = 0;
      }
      if (as_it_is) {
        out += c;
      } else {
        append_escaped(out, c);
      }
      column += width;
    }
    out += kCrlf;
  });
  return out;
}

std::string base64_lines(std::string_view bytes) {
  constexpr std::size_t kBytes = kLine / 4 * 3;
  std::string out;
  out.reserve(bytes.size() / kBytes * (kLine + 2) + kLine + 2);
  for (std::size_t i = 0; i < bytes.size(); i += kBytes) {
    out += base64_encode(bytes.substr(i, kBytes));
    out += kCrlf;
  }
  return out;
}

std::string header_text(std::string_view utf8, std::size_t used) {
  const bool plain = std::ranges::all_of(utf8, is_plain) && used + utf8.size() <= kLine &&
                     utf8.find("=?") == std::string_view::npos &&
                     trim_ascii(utf8).size() == utf8.size();
  return plain ? std::string(utf8) : encoded_words(utf8, used);
}

std::string parameter(std::string_view name, std::string_view utf8) {
  constexpr std::size_t kShort = 50;
  if (utf8.size() <= kShort && std::ranges::all_of(utf8, is_plain)) {
    std::string out = fmt::format(";\r\n {}=\"", name);
    for (const char c : utf8) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out + '"';
  }
  // RFC 2231 3 and 4: sections, each percent-encoded.
  std::string out;
  std::string section;
  std::size_t number = 0;
  const auto flush = [&] {
    out += fmt::format(";\r\n {}*{}*={}{}", name, number, number == 0 ? "UTF-8''" : "", section);
    ++number;
    section.clear();
  };
  for (const char c : utf8) {
    const bool as_it_is = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    if (section.size() + 3 > kShort) flush();
    if (as_it_is) {
      section += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      section += '%';
      section += kUpperHex[byte >> 4];
      section += kUpperHex[byte & 15];
    }
  }
  flush();
  return out;
}

Result<std::string> write_mail(const Message& message, std::string_view mail_from,
                               const std::vector<std::string>& to) {
  if (auto checked = check(message, mail_from, to); !checked) {
    return std::unexpected(checked.error());
  }
  std::string out = "Date: " + rfc5322_date(message.created_us) + "\r\n";
  out += "From: ";
  if (!message.from_name.empty()) {
    const std::string shown = phrase(message.from_name, 6);
    out += shown;
    out += shown.size() + mail_from.size() + 9 > kLine ? "\r\n " : " ";
  }
  out += fmt::format("<{}>\r\n", mail_from);
  // Recipients do not learn of each other.
  out += "To: " + (to.size() == 1 ? to.front() : std::string("undisclosed-recipients:;")) + "\r\n";
  out += "Subject: " + header_text(message.content.subject, 9) + "\r\n";
  out += "Message-ID: " + message_id_of(message, mail_from) + "\r\n";
  const MessageContent& content = message.content;
  if (content.email && !content.email->unsubscribe_url.empty()) {
    out += fmt::format("List-Unsubscribe: <{}>\r\n", content.email->unsubscribe_url);
    if (content.email->one_click) out += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
  }
  // RFC 3834 5: no machine need answer, and no loop begins.
  out += "Auto-Submitted: auto-generated\r\n";
  out += "MIME-Version: 1.0\r\n";

  if (!content.email || content.email->attachments.empty()) {
    return out + body_part(content, message.id.hex());
  }
  // "=_" is in no quoted-printable or base64 line, so the boundary is in no part.
  const std::string boundary = "=_" + message.id.hex();
  out += fmt::format("Content-Type: multipart/mixed;\r\n boundary=\"{}\"\r\n\r\n", boundary);
  out += fmt::format("--{}\r\n", boundary) + body_part(content, message.id.hex());
  for (const Attachment& attachment : content.email->attachments) {
    out += fmt::format("\r\n--{}\r\n", boundary) + attachment_part(attachment);
  }
  return out + fmt::format("\r\n--{}--\r\n", boundary);
}

}  // namespace sallyport::messaging
