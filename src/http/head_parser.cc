#include "http/head_parser.h"

#include <algorithm>
#include <cstring>

#include "base/encoding.h"
#include "http/token.h"

namespace sallyport::http {
namespace {

constexpr std::size_t kEmptyLinesInFront = 2;
constexpr std::size_t kMethodBytes = 24;  // the longest method we name has seven

bool is_token(std::string_view text) {
  for (const char c : text) {
    if (token_lower(c) == 0) return false;
  }
  return !text.empty();
}

HeadFault malformed(const char* detail) { return {Reason::MalformedHead, detail}; }

HeadFault parse_request_line(std::string_view line, ParsedHead& out) {
  const std::size_t first = line.find(' ');
  if (first == std::string_view::npos) return malformed("request line: no target");
  const std::size_t second = line.find(' ', first + 1);
  if (second == std::string_view::npos) return malformed("request line: no version");
  out.method = line.substr(0, first);
  out.target = line.substr(first + 1, second - first - 1);
  out.version = line.substr(second + 1);
  if (!is_token(out.method)) return malformed("request line: method is not a token");
  if (out.target.empty()) return malformed("request line: empty target");
  const std::string_view v = out.version;
  if (v.size() != 8 || v.substr(0, 5) != "HTTP/" || v[6] != '.' || v[5] < '0' || v[5] > '9' ||
      v[7] < '0' || v[7] > '9') {
    return malformed("request line: not a version");
  }
  if (v[5] != '1') return {Reason::VersionUnsupported, "version: not HTTP/1.0 or 1.1"};
  return {};
}

// The fields that let a client claim another method or target; nobody behind us shall look at them,
// also nobody who takes "_" or "." for "-", unless a route lists one and the doors have looked.
bool is_override(std::string_view name) {
  if (name.size() < 13 || name[0] != 'x') return false;
  for (const std::string_view known : {"x-http-method-override", "x-http-method",
                                       "x-method-override", "x-original-url", "x-rewrite-url"}) {
    if (std::ranges::equal(name, known, [](char a, char b) {
          return a == b || ((a == '_' || a == '.') && b == '-');
        })) {
      return true;
    }
  }
  return false;
}

HeadFault parse_field(char* line, std::size_t size, Request& request) {
  if (line[0] == ' ' || line[0] == '\t') return malformed("field: folded");
  std::size_t colon = 0;
  while (colon < size && line[colon] != ':') {
    const char lower = token_lower(line[colon]);
    if (lower == 0) return malformed("field: name is not a token");
    line[colon++] = lower;
  }
  if (colon == size) return malformed("field: no colon");
  if (colon == 0) return malformed("field: empty name");
  const std::string_view value = trim_ascii({line + colon + 1, size - colon - 1});
  for (const char c : value) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F) {
      return malformed("field: control byte in the value");
    }
  }
  const std::string_view name(line, colon);
  (is_override(name) ? request.overrides : request.fields).push_back({name, value});
  return {};
}

}  // namespace

bool HeadScanner::scan(std::string_view data, HeadFault& fault) {
  while (position_ < data.size()) {
    const void* found = std::memchr(data.data() + position_, '\n', data.size() - position_);
    const std::size_t end =
        found == nullptr ? data.size()
                         : static_cast<std::size_t>(static_cast<const char*>(found) - data.data());
    if (lines_ == 0 && end - line_ > limits_.target_bytes + kMethodBytes + sizeof "HTTP/1.1\r") {
      fault = {Reason::TargetTooLong, "target: over limits.target_bytes"};
      return false;
    }
    if (end - begin_ > limits_.head_bytes) {
      fault = {Reason::HeadTooLarge, "head: over limits.head_bytes"};
      return false;
    }
    position_ = end;
    if (found == nullptr) return false;
    if (end == line_ || data[end - 1] != '\r') {
      fault = malformed("line: ends with a bare LF");
      return false;
    }
    position_ = end + 1;
    const bool empty = end - line_ == 1;
    line_ = position_;
    if (empty && lines_ > 0) return complete_ = true;
    if (empty) {
      begin_ = position_;
      if (begin_ > 2 * kEmptyLinesInFront) {
        fault = malformed("head: empty lines in front");
        return false;
      }
      continue;
    }
    if (lines_++ > limits_.head_fields) {
      fault = {Reason::HeadTooLarge, "head: over limits.head_fields"};
      return false;
    }
  }
  return false;
}

HeadFault parse_head(char* head, std::size_t size, Request& request, ParsedHead& out) {
  std::size_t at = 0;
  bool first = true;
  while (at < size) {
    const char* found = static_cast<const char*>(std::memchr(head + at, '\n', size - at));
    const std::size_t end = static_cast<std::size_t>(found - head) - 1;  // at the CR
    if (end == at) break;                                                // the empty line
    if (std::memchr(head + at, '\r', end - at) != nullptr) return malformed("line: bare CR");
    HeadFault fault;
    if (first) {
      fault = parse_request_line({head + at, end - at}, out);
      first = false;
    } else {
      fault = parse_field(head + at, end - at, request);
    }
    if (fault.reason != Reason::Ok) return fault;
    at = end + 2;
  }
  return {};
}

}  // namespace sallyport::http
