#include "http/response_head.h"

#include <charconv>

#include "base/encoding.h"
#include "http/token.h"

namespace sallyport::http {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_text(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F); }

const char* parse_status_line(std::string_view line, ResponseHead& out) {
  // "HTTP/1.1 200 OK"; the blank behind the status may be missing with the phrase.
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || !is_digit(line[7]) || line[8] != ' ') {
    return "status line: not HTTP/1";
  }
  for (const char c : line.substr(9, 3)) {
    if (!is_digit(c)) return "status line: no status";
  }
  if (line.size() > 12 && line[12] != ' ') return "status line: no status";
  for (const char c : line) {
    if (!is_text(c)) return "status line: control byte";
  }
  out.http10 = line[7] == '0';
  out.status = (line[9] - '0') * 100 + (line[10] - '0') * 10 + (line[11] - '0');
  return out.status < 100 || out.status > 599 ? "status line: status out of range" : nullptr;
}

const char* parse_field(std::string_view line, ResponseHead& out) {
  if (line[0] == ' ' || line[0] == '\t') return "field: folded";
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return "field: no colon";
  if (colon == 0) return "field: empty name";
  for (const char c : line.substr(0, colon)) {
    if (token_lower(c) == 0) return "field: name is not a token";
  }
  const std::string_view value = trim_ascii(line.substr(colon + 1));
  for (const char c : value) {
    if (!is_text(c)) return "field: control byte in the value";
  }
  out.fields.push_back({line.substr(0, colon), value});
  return nullptr;
}

struct Seen {
  std::string_view length, encoding;
  int lengths = 0, encodings = 0, connections = 0;
  bool close = false, keep_alive = false;
};

void note_options(std::string_view value, Seen& seen) {
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    const std::string_view option = trim_ascii(value.substr(0, comma));
    if (equal_ascii_case(option, "close")) seen.close = true;
    if (equal_ascii_case(option, "keep-alive")) seen.keep_alive = true;
    if (comma == std::string_view::npos) break;
    value.remove_prefix(comma + 1);
  }
}

Seen look_through(ResponseHead& head) {
  Seen seen;
  for (const Field& field : head.fields) {
    if (field.name.size() == 14 && equal_ascii_case(field.name, "content-length")) {
      seen.length = field.value;
      ++seen.lengths;
    } else if (field.name.size() == 17 && equal_ascii_case(field.name, "transfer-encoding")) {
      seen.encoding = field.value;
      ++seen.encodings;
    } else if (field.name.size() == 10 && equal_ascii_case(field.name, "connection")) {
      note_options(field.value, seen);
      head.has_connection = true;
    }
  }
  return seen;
}

const char* decide_framing(const Seen& seen, Method asked, ResponseHead& out) {
  if (seen.encodings > 0) {
    if (seen.lengths > 0) return "framing: Content-Length with Transfer-Encoding";
    if (out.http10) return "framing: Transfer-Encoding in HTTP/1.0";
    if (seen.encodings > 1) return "framing: Transfer-Encoding given twice";
    if (!equal_ascii_case(seen.encoding, "chunked")) {
      return "framing: Transfer-Encoding is not chunked";
    }
  }
  if (seen.lengths > 1) return "framing: Content-Length given twice";
  if (seen.lengths == 1) {
    if (seen.length.empty() || seen.length.size() > 18) return "framing: not a length";
    for (const char c : seen.length) {
      if (!is_digit(c)) return "framing: not a length";
    }
    std::from_chars(seen.length.data(), seen.length.data() + seen.length.size(), out.length);
    out.has_length = true;
  }
  const bool empty = out.status < 200 || out.status == 204 || out.status == 304;
  if (empty || asked == Method::Head) {
    // Whoever announces a body where there is none may send it all the same.
    if (out.status == 204 && (out.length > 0 || seen.encodings > 0)) out.keep_alive = false;
    return nullptr;
  }
  if (seen.encodings > 0) {
    out.body = BodyKind::Chunked;
  } else if (out.has_length) {
    out.body = out.length == 0 ? BodyKind::None : BodyKind::Length;
  } else {
    out.body = BodyKind::UntilClose;
    out.keep_alive = false;
  }
  return nullptr;
}

}  // namespace

void ResponseHead::clear() {
  status = 0;
  http10 = keep_alive = has_length = has_connection = false;
  body = BodyKind::None;
  length = 0;
  fields.clear();
}

const char* parse_response_head(std::string_view head, Method asked, ResponseHead& out) {
  out.clear();
  bool first = true;
  while (!head.empty()) {
    const std::size_t end = head.find('\n');
    if (end == std::string_view::npos || end == 0 || head[end - 1] != '\r') {
      return "line: ends with a bare LF";
    }
    const std::string_view line = head.substr(0, end - 1);
    head.remove_prefix(end + 1);
    if (line.empty()) break;
    if (line.find('\r') != std::string_view::npos) return "line: bare CR";
    const char* fault = first ? parse_status_line(line, out) : parse_field(line, out);
    if (fault != nullptr) return fault;
    first = false;
  }
  if (first) return "status line: none";
  const Seen seen = look_through(out);
  out.keep_alive = out.http10 ? seen.keep_alive && !seen.close : !seen.close;
  return decide_framing(seen, asked, out);
}

}  // namespace sallyport::http
