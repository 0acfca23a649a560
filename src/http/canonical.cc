#include "http/canonical.h"

#include <array>
#include <string>

#include "base/encoding.h"

namespace sallyport::http {
namespace {

constexpr unsigned char kUnreserved = 1;  // RFC 3986 2.3
constexpr unsigned char kSubDelim = 2;    // what else a path may hold as it is

constexpr auto kClasses = [] {
  std::array<unsigned char, 256> classes{};
  for (unsigned char c = 'a'; c <= 'z'; ++c) classes[c] = kUnreserved;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) classes[c] = kUnreserved;
  for (unsigned char c = '0'; c <= '9'; ++c) classes[c] = kUnreserved;
  for (const unsigned char c : std::string_view("-._~")) classes[c] = kUnreserved;
  for (const unsigned char c : std::string_view("!$&'()*+,=:@")) classes[c] = kSubDelim;
  return classes;
}();

unsigned char class_of(char c) { return kClasses[static_cast<unsigned char>(c)]; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// The byte that "%XY" at `at` stands for, or -1.
int escaped_byte(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size() || text[at] != '%') return -1;
  const auto high = hex_digit(text[at + 1]);
  const auto low = hex_digit(text[at + 2]);
  return high && low ? *high * 16 + *low : -1;
}

void append_escaped(std::string& out, unsigned char byte) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  out += '%';
  out += kDigits[byte >> 4];
  out += kDigits[byte & 15];
}

// Whether a text decoded once still has an escape of something that decides where a path goes.
bool hides_an_escape(std::string_view decoded) {
  for (std::size_t i = 0; i < decoded.size(); ++i) {
    const int byte = escaped_byte(decoded, i);
    if (byte < 0) continue;
    if (byte < 0x20 || byte == 0x7F || byte == '#' || byte == '\\' || byte == '.' || byte == '/' ||
        byte == ';' || byte == '%') {
      return true;
    }
  }
  return false;
}

// Whoever decodes a slash sees these pieces as segments, and whoever knows parameters sees them
// without: none may be one that leads elsewhere.
const char* check_pieces(std::string_view decoded, bool has_parameters) {
  const bool several = decoded.find('/') != std::string_view::npos;
  for (;;) {
    const std::size_t slash = decoded.find('/');
    const std::string_view whole = decoded.substr(0, slash);
    const std::string_view piece = whole.substr(0, whole.find(';'));
    if (piece == "." || piece == "..") return "path: dot segment";
    if (piece.empty() && (several || (has_parameters && !whole.empty())))
      return "path: empty segment";
    if (slash == std::string_view::npos) return nullptr;
    decoded.remove_prefix(slash + 1);
  }
}

// Appends the canonical form of one segment.
const char* append_segment(Request& request, std::string& out, std::string_view segment) {
  std::string decoded;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const char c = segment[i];
    if (c == '%') {
      const int byte = escaped_byte(segment, i);
      if (byte < 0) return "path: broken percent encoding";
      if (byte < 0x20 || byte == 0x7F) return "path: encoded control byte";
      request.encoded_slash = request.encoded_slash || byte == '/';
      if (byte == '\\') return "path: encoded backslash";
      decoded += static_cast<char>(byte);
      if (class_of(static_cast<char>(byte)) == kUnreserved) {
        out += static_cast<char>(byte);
      } else {
        append_escaped(out, static_cast<unsigned char>(byte));
      }
      i += 2;
      continue;
    }
    if (is_control(c)) return "path: control byte";
    if (c == '#') return "path: number sign";
    if (c == '\\') return "path: backslash";
    request.parameters = request.parameters || c == ';';
    decoded += c;
    if (class_of(c) != 0 || c == ';') {
      out += c;
    } else {
      append_escaped(out, static_cast<unsigned char>(c));
    }
  }
  const bool has_parameters = segment.find(';') != std::string_view::npos;
  if (const char* fault = check_pieces(decoded, has_parameters)) return fault;
  if (hides_an_escape(decoded)) return "path: double encoding";
  if (!is_utf8(decoded)) return "path: not UTF-8";
  return nullptr;
}

// The common case: nothing to decode, nothing to refuse.
bool is_canonical_already(std::string_view path) {
  char previous = 0;
  for (const char c : path) {
    if (c == '/') {
      if (previous == '/') return false;
    } else if (class_of(c) == 0 || (c == '.' && previous == '/')) {
      return false;
    }
    previous = c;
  }
  return true;
}

void split_segments(Request& request) {
  std::string_view rest = request.path.substr(1);
  request.trailing_slash = !rest.empty() && rest.back() == '/';
  if (request.trailing_slash) rest.remove_suffix(1);
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    // Of parameters nobody knows but the upstream, which has them.
    request.segments.push_back(request.parameters ? segment.substr(0, segment.find(';')) : segment);
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
}

const char* canonical_path(Request& request, std::string_view raw) {
  if (raw.empty() || raw.front() != '/') return "path: does not begin with a slash";
  if (raw.size() > 1 && raw[1] == '/') return "path: looks like an authority";
  if (is_canonical_already(raw)) {
    request.path = raw;
    split_segments(request);
    return nullptr;
  }
  std::string out;
  out.reserve(raw.size() + 16);
  std::string_view rest = raw.substr(1);
  for (;;) {
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    out += '/';
    if (segment.empty() && slash != std::string_view::npos) return "path: empty segment";
    if (const char* fault = append_segment(request, out, segment)) return fault;
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  request.path = request.keep(std::move(out));
  split_segments(request);
  return nullptr;
}

std::string_view decoded_or_raw(Request& request, std::string_view text) {
  if (text.find('%') == std::string_view::npos) return text;
  auto decoded = percent_decode(text);
  return decoded ? request.keep(std::move(*decoded)) : text;
}

const char* canonical_query(Request& request, std::string_view raw) {
  request.query = raw;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (is_control(c)) return "query: control byte";
    if (c == '#') return "query: number sign";
    if (c != '%') continue;
    const int byte = escaped_byte(raw, i);
    if (byte == 0 || byte == '\r' || byte == '\n') return "query: encoded NUL, CR or LF";
  }
  while (!raw.empty()) {
    const std::size_t end = raw.find('&');
    const std::string_view pair = raw.substr(0, end);
    if (!pair.empty()) {
      const std::size_t equals = pair.find('=');
      const std::string_view value =
          equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
      request.pairs.push_back(
          {pair, decoded_or_raw(request, pair.substr(0, equals)), decoded_or_raw(request, value)});
    }
    if (end == std::string_view::npos) break;
    raw.remove_prefix(end + 1);
  }
  return nullptr;
}

struct Authority {
  std::string_view name;  // with the brackets of an IPv6 literal
  std::string_view port;
};

const char* split_authority(std::string_view text, Authority& out) {
  if (text.empty()) return "host: empty";
  std::size_t end = 0;
  if (text.front() == '[') {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return "host: broken IPv6 literal";
    const auto ip = IpAddress::parse(text.substr(1, close - 1));
    if (!ip || text.substr(1, close - 1).find(':') == std::string_view::npos) {
      return "host: broken IPv6 literal";
    }
    end = close + 1;
  } else {
    while (end < text.size() && text[end] != ':') {
      const char c = text[end];
      const bool name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
      if (!name) return "host: not a host name";
      ++end;
    }
  }
  out.name = text.substr(0, end);
  out.port = {};
  if (end < text.size()) {
    if (text[end] != ':') return "host: text behind the name";
    out.port = text.substr(end + 1);
    if (out.port.size() > 5) return "host: not a port";
    unsigned port = 0;
    for (const char c : out.port) {
      if (c < '0' || c > '9') return "host: not a port";
      port = port * 10 + static_cast<unsigned>(c - '0');
    }
    if (port > 65535) return "host: not a port";
  }
  if (!out.name.empty() && out.name.back() == '.') out.name.remove_suffix(1);
  if (out.name.empty()) return "host: empty";
  if (out.name.front() == '.' || out.name.back() == '.' ||
      out.name.find("..") != std::string_view::npos) {
    return "host: empty label";
  }
  return nullptr;
}

}  // namespace

const char* canonical_host(Request& request, std::string_view host) {
  Authority authority;
  if (const char* fault = split_authority(host, authority)) return fault;
  for (const char c : authority.name) {
    if (c >= 'A' && c <= 'Z') {
      request.host = request.keep(ascii_lower(authority.name));
      return nullptr;
    }
  }
  request.host = authority.name;
  return nullptr;
}

const char* make_canonical(Request& request, std::string_view target, std::string_view host) {
  if (const char* fault = canonical_host(request, host)) return fault;
  return canonical_target(request, target, host);
}

const char* canonical_target(Request& request, std::string_view target, std::string_view host) {
  if (target == "*") {
    if (request.method != Method::Options) return "target: an asterisk is for OPTIONS only";
    request.path = target;
    return nullptr;
  }
  if (!target.empty() && target.front() != '/') {
    // Absolute-form, RFC 9112 3.2.2: its authority must be the one that Host names.
    std::size_t scheme = 0;
    if (equal_ascii_case(target.substr(0, 8), "https://")) {
      scheme = 8;
    } else if (equal_ascii_case(target.substr(0, 7), "http://")) {
      scheme = 7;
    } else {
      return "target: neither a path nor an absolute http URI";
    }
    target.remove_prefix(scheme);
    const std::size_t end = target.find_first_of("/?#");
    Authority named, field;
    if (const char* fault = split_authority(target.substr(0, end), named)) return fault;
    if (const char* fault = split_authority(host, field)) return fault;
    if (!equal_ascii_case(named.name, field.name) || named.port != field.port) {
      return "target: authority differs from Host";
    }
    target.remove_prefix(end == std::string_view::npos ? target.size() : end);
    if (target.empty()) target = "/";
    if (target.front() != '/') return "target: absolute URI without a path";
  }
  const std::size_t mark = target.find('?');
  if (const char* fault = canonical_path(request, target.substr(0, mark))) return fault;
  if (mark == std::string_view::npos) return nullptr;
  return canonical_query(request, target.substr(mark + 1));
}

}  // namespace sallyport::http
