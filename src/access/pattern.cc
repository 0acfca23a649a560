#include "access/pattern.h"

#include <algorithm>

#include "base/encoding.h"

namespace sallyport::access {
namespace {

bool is_upper_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); }
bool is_unreserved(unsigned char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

Error never(std::string_view pattern, std::string_view why) {
  return Error{ErrorKind::Invalid,
               "pattern \"" + std::string(pattern) + "\" can never match: " + std::string(why)};
}

// Why no canonical path has this segment, or empty.
std::string_view problem_of(std::string_view segment) {
  if (segment == "." || segment == "..") return "a canonical path has no dot segments";
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const auto c = static_cast<unsigned char>(segment[i]);
    if (c == '{' || c == '}') return "braces stand around a whole segment";
    if (c == '*') return "\"**\" may only be the last segment, and \"*\" is no wildcard";
    if (c == '?' || c == '#') return "a path has no query and no fragment";
    if (c == ';' || c == '\\') return "a canonical path has no ';' and no backslash";
    if (c <= 0x20 || c == 0x7F) return "blanks and control characters are percent-encoded";
    if (c >= 0x80) return "bytes beyond ASCII are percent-encoded";
    if (c != '%') continue;
    if (i + 2 >= segment.size() || !is_upper_hex(segment[i + 1]) || !is_upper_hex(segment[i + 2])) {
      return "'%' is followed by two upper-case hexadecimal digits";
    }
    const auto byte = hex_decode(ascii_lower(segment.substr(i + 1, 2)));
    if (!byte || is_unreserved(static_cast<unsigned char>((*byte)[0]))) {
      return "in a canonical path letters, digits, '-', '.', '_' and '~' are not percent-encoded";
    }
    if ((*byte)[0] == '/' || (*byte)[0] == '\\') return "a canonical path has no encoded slash";
  }
  return {};
}

}  // namespace

Result<Pattern> Pattern::parse(std::string_view text) {
  if (!text.starts_with('/')) return std::unexpected(never(text, "a path begins with '/'"));
  Pattern pattern;
  pattern.text_ = text;
  std::string_view left = text.substr(1);
  if (left.ends_with('/')) left.remove_suffix(1);
  while (!left.empty()) {
    const std::size_t slash = left.find('/');
    const std::string_view segment = left.substr(0, slash);
    const bool last = slash == std::string_view::npos;
    left = last ? std::string_view{} : left.substr(slash + 1);
    if (segment.empty() || (!last && left.empty())) {
      return std::unexpected(never(text, "a canonical path has no empty segments"));
    }
    if (segment == "**" && last) {
      pattern.rest_ = true;
    } else if (segment.size() > 2 && segment.front() == '{' && segment.back() == '}' &&
               segment.find_first_of("{}", 1) == segment.size() - 1) {
      pattern.segments_.push_back({Kind::Any, std::string(segment.substr(1, segment.size() - 2))});
    } else if (const std::string_view problem = problem_of(segment); !problem.empty()) {
      return std::unexpected(never(text, problem));
    } else {
      pattern.segments_.push_back({Kind::Literal, std::string(segment)});
    }
  }
  if (text.size() > 1 && text[1] == '/') {
    return std::unexpected(never(text, "a canonical path has no empty segments"));
  }
  return pattern;
}

bool Pattern::matches(std::span<const std::string_view> segments) const {
  if (segments.size() < segments_.size()) return false;
  if (!rest_ && segments.size() != segments_.size()) return false;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const Segment& own = segments_[i];
    if (own.kind == Kind::Literal ? own.text != segments[i] : segments[i].empty()) return false;
  }
  return true;
}

std::string_view Pattern::captured(std::string_view name,
                                   std::span<const std::string_view> segments) const {
  for (std::size_t i = 0; i < segments_.size() && i < segments.size(); ++i) {
    if (segments_[i].kind == Kind::Any && segments_[i].text == name) return segments[i];
  }
  return {};
}

bool Pattern::ends_in_literal() const {
  return !rest_ && (segments_.empty() || segments_.back().kind == Kind::Literal);
}

bool Pattern::contains(const Pattern& other) const {
  if (other.segments_.size() < segments_.size()) return false;
  if (!rest_ && (other.rest_ || other.segments_.size() != segments_.size())) return false;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const Segment& theirs = other.segments_[i];
    if (segments_[i].kind == Kind::Any) continue;
    if (theirs.kind == Kind::Any || theirs.text != segments_[i].text) return false;
  }
  return true;
}

bool Pattern::overlaps(const Pattern& other) const {
  const std::size_t common = std::min(segments_.size(), other.segments_.size());
  for (std::size_t i = 0; i < common; ++i) {
    const Segment& theirs = other.segments_[i];
    const bool literals = segments_[i].kind == Kind::Literal && theirs.kind == Kind::Literal;
    if (literals && theirs.text != segments_[i].text) return false;
  }
  if (segments_.size() > common && !other.rest_) return false;
  return other.segments_.size() <= common || rest_;
}

bool Pattern::more_specific(const Pattern& a, const Pattern& b) {
  const std::size_t common = std::min(a.segments_.size(), b.segments_.size());
  for (std::size_t i = 0; i < common; ++i) {
    if (a.segments_[i].kind != b.segments_[i].kind) return a.segments_[i].kind == Kind::Literal;
  }
  if (a.segments_.size() != b.segments_.size()) return a.segments_.size() > b.segments_.size();
  return !a.rest_ && b.rest_;
}

}  // namespace sallyport::access
