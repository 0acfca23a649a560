// Path patterns: segments; `{x}` is one non-empty undecoded segment, `**` at the end the rest
// (`/x/**` includes `/x`). Case-sensitive, no regular expressions; `/x` and `/x/` are alike.
// A value; matching is pure and allocates nothing.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sallyport::access {

class Pattern {
 public:
  enum class Kind : std::uint8_t { Literal, Any };
  struct Segment {
    Kind kind = Kind::Literal;
    std::string text;  // the literal, or the name between the braces
  };

  // Invalid: one that can never match a canonical path, with the reason.
  static Result<Pattern> parse(std::string_view text);

  bool matches(std::span<const std::string_view> segments) const;
  // The segment that `{name}` stands for, or empty. The pattern must match.
  std::string_view captured(std::string_view name,
                            std::span<const std::string_view> segments) const;

  const std::string& text() const { return text_; }
  bool ends_in_literal() const;  // also of "/": a collection, not an element
  // Of two patterns that both match the more specific one comes first.
  static bool more_specific(const Pattern& a, const Pattern& b);
  // Every path that `other` matches is matched by this one; and: some path is matched by both.
  bool contains(const Pattern& other) const;
  bool overlaps(const Pattern& other) const;

  const std::vector<Segment>& segments() const { return segments_; }  // without a "**" at the end
  bool has_rest() const { return rest_; }

 private:
  std::string text_ = "/";
  std::vector<Segment> segments_;
  bool rest_ = false;
};

}  // namespace sallyport::access
