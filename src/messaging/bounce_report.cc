#include "messaging/bounce_report.h"

#include <algorithm>

#include "base/encoding.h"
#include "messaging/text.h"

namespace sallyport::messaging {
namespace {

constexpr std::size_t kMaxText = 200;
constexpr std::size_t kMaxFields = 200;

// Lines end in CRLF or LF: what came over LMTP may have been through a mailbox.
std::string_view next_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// The value of a field in a header that begins here, unfolded. Ends at an empty line.
std::string field_of(std::string_view header, std::string_view name) {
  std::string value;
  bool inside = false;
  std::size_t lines = 0;
  while (!header.empty() && ++lines < kMaxFields) {
    const std::string_view line = next_line(header);
    if (line.empty()) break;
    if (is_blank(line.front())) {
      if (inside) value.append(" ").append(trim_ascii(line));
      continue;
    }
    if (inside) break;
    const std::size_t colon = line.find(':');
    inside = colon != std::string_view::npos && equal_ascii_case(line.substr(0, colon), name);
    if (inside) value = trim_ascii(line.substr(colon + 1));
  }
  return value;
}

// The part with the report: behind the header of its MIME part.
std::string_view report_part(std::string_view mail) {
  std::string_view rest = mail;
  while (!rest.empty()) {
    const std::string_view line = next_line(rest);
    if (!equal_ascii_case(line.substr(0, 13), "content-type:")) continue;
    const std::string type = ascii_lower(line.substr(13));
    if (type.find("message/delivery-status") == std::string::npos &&
        type.find("message/global-delivery-status") == std::string::npos) {
      continue;
    }
    while (!rest.empty() && !next_line(rest).empty()) {
    }
    return rest;
  }
  return {};
}

int digits_of(std::string_view text) {
  if (text.size() < 3) return 0;
  int value = 0;
  for (const char c : text.substr(0, 3)) {
    if (c < '0' || c > '9') return 0;
    value = value * 10 + (c - '0');
  }
  return value;
}

}  // namespace

std::optional<BounceReport> read_bounce(std::string_view mail) {
  const std::string type = ascii_lower(field_of(mail, "Content-Type"));
  if (type.find("multipart/report") == std::string::npos) return std::nullopt;
  std::string_view part = report_part(mail);
  if (part.empty()) return std::nullopt;
  // RFC 3464 2.1: the message's fields, then groups of fields, one for each recipient.
  std::string action;
  std::string_view group;
  while (!part.empty() && action.empty()) {
    group = part;
    action = ascii_lower(field_of(group, "Action"));
    while (!part.empty() && !next_line(part).empty()) {
    }
  }
  BounceReport report;
  if (action == "failed") {
    report.action = BounceReport::Action::Failed;
  } else if (action == "delayed") {
    report.action = BounceReport::Action::Delayed;
  } else if (action == "delivered") {
    report.action = BounceReport::Action::Delivered;
  } else {
    return std::nullopt;  // relayed and expanded say nothing about arriving
  }
  const std::string status = field_of(group, "Status");
  std::string diagnostic = field_of(group, "Diagnostic-Code");
  const std::size_t semicolon = diagnostic.find(';');
  if (semicolon != std::string::npos) diagnostic = trim_ascii(diagnostic.substr(semicolon + 1));
  report.code = digits_of(diagnostic);
  if (report.code < 200 || report.code > 599) {
    report.code =
        !status.empty() && status[0] >= '2' && status[0] <= '5' ? (status[0] - '0') * 100 : 0;
  }
  const bool bounced = report.action == BounceReport::Action::Failed;
  report.text =
      printable((bounced ? "bounced: " : "reported: ") + (diagnostic.empty() ? status : diagnostic),
                kMaxText);
  return report;
}

}  // namespace sallyport::messaging
