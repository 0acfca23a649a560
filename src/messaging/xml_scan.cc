#include "messaging/xml_scan.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "messaging/text.h"

namespace sallyport::messaging {
namespace {

constexpr std::size_t kMaxName = 256;
constexpr std::size_t kShownName = 40;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_char(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

class Scan {
 public:
  explicit Scan(std::string_view body) : body_(body) {}

  std::expected<void, ReadError> run() {
    if (document()) return {};
    std::size_t line = 1;
    std::size_t column = 1;
    for (const char c : body_.substr(0, at_)) {
      column = c == '\n' ? 1 : column + 1;
      if (c == '\n') ++line;
    }
    return std::unexpected(
        ReadError{fmt::format("XML, line {}, column {}: {}", line, column, rule_)});
  }

 private:
  bool broken(std::string rule) {
    rule_ = std::move(rule);
    return false;
  }
  bool ends() const { return at_ >= body_.size(); }
  bool next_is(std::string_view text) const { return body_.substr(at_).starts_with(text); }
  void skip_spaces() {
    while (!ends() && is_space(body_[at_])) ++at_;
  }

  bool document() {
    if (next_is("\xFE\xFF") || next_is("\xFF\xFE")) return broken("the encoding must be UTF-8");
    if (next_is("\xEF\xBB\xBF")) at_ += 3;
    if (!characters()) return false;
    if (next_is("<?xml") && at_ + 5 < body_.size() && is_space(body_[at_ + 5]) && !declaration()) {
      return false;
    }
    while (!ends()) {
      if (body_[at_] == '<') {
        if (!markup()) return false;
      } else if (!text()) {
        return false;
      }
    }
    if (!open_.empty()) return broken("<" + shown(open_.back()) + "> is not closed");
    return root_seen_ || broken("there is no element");
  }

  // The whole body once, so that everything else can go by bytes.
  bool characters() {
    const std::size_t start = at_;
    while (!ends()) {
      const auto point = code_point_at(body_, at_);
      if (!point) return broken("the encoding must be UTF-8");
      if (!is_xml_char(point->value)) return broken("a character that XML does not allow");
      at_ += point->length;
    }
    at_ = start;
    return true;
  }

  bool declaration() {
    const std::size_t end = body_.find("?>", at_);
    if (end == std::string_view::npos) return broken("the XML declaration has no end");
    const std::string_view inside = body_.substr(at_ + 5, end - at_ - 5);
    if (inside.find('<') != std::string_view::npos) return broken("the XML declaration has no end");
    if (const std::size_t word = inside.find("encoding"); word != std::string_view::npos) {
      const std::size_t quote = inside.find_first_of("\"'", word);
      const std::size_t close =
          quote == std::string_view::npos ? quote : inside.find(inside[quote], quote + 1);
      if (close == std::string_view::npos ||
          !equal_ascii_case(inside.substr(quote + 1, close - quote - 1), "utf-8")) {
        return broken("the encoding must be UTF-8");
      }
    }
    if (inside.find("1.0") == std::string_view::npos) return broken("the version must be 1.0");
    at_ = end + 2;
    return true;
  }

  bool markup() {
    if (next_is("<!--")) return comment();
    if (next_is("<![CDATA[")) return cdata();
    if (next_is("<!DOCTYPE") || next_is("<!")) return broken("DOCTYPE is not allowed");
    if (next_is("<?")) return broken("processing instructions are not allowed");
    if (next_is("</")) return close_tag();
    return open_tag();
  }

  bool comment() {
    const std::size_t dashes = body_.find("--", at_ + 4);
    if (dashes == std::string_view::npos) return broken("a comment has no end");
    if (body_.substr(dashes + 2, 1) != ">") return broken("-- inside a comment");
    at_ = dashes + 3;
    return true;
  }

  bool cdata() {
    if (open_.empty()) return broken("text outside the root element");
    const std::size_t end = body_.find("]]>", at_);
    if (end == std::string_view::npos) return broken("a CDATA section has no end");
    at_ = end + 3;
    return true;
  }

  bool close_tag() {
    const std::size_t tag = at_;
    at_ += 2;
    const auto closed = name();
    skip_spaces();
    if (closed.empty() || ends() || body_[at_] != '>') {
      at_ = tag;
      return broken("a malformed closing tag");
    }
    if (open_.empty() || open_.back() != closed) {
      at_ = tag;
      return broken("</" + shown(closed) + "> closes nothing that is open");
    }
    ++at_;
    open_.pop_back();
    return true;
  }

  bool open_tag() {
    if (open_.empty() && root_seen_) return broken("a second root element");
    if (open_.size() == kMaxXmlDepth) {
      return broken(fmt::format("more than {} levels deep", kMaxXmlDepth));
    }
    if (++elements_ > kMaxXmlElements) {
      return broken(fmt::format("more than {} elements", kMaxXmlElements));
    }
    root_seen_ = true;
    ++at_;
    const auto opened = name();
    if (opened.empty()) return broken("< that begins no tag");
    std::vector<std::string_view> attributes;
    for (;;) {
      const std::size_t before = at_;
      skip_spaces();
      if (ends()) return broken("a tag has no end");
      if (next_is("/>")) {
        at_ += 2;
        return true;
      }
      if (body_[at_] == '>') {
        ++at_;
        open_.push_back(opened);
        return true;
      }
      if (before == at_ || !attribute(attributes)) {
        return rule_.empty() ? broken("a malformed tag") : false;
      }
    }
  }

  bool attribute(std::vector<std::string_view>& seen) {
    const auto called = name();
    if (called.empty()) return broken("a malformed attribute");
    if (seen.size() == kMaxXmlAttributes) return broken("too many attributes");
    if (std::ranges::find(seen, called) != seen.end()) {
      return broken("the attribute \"" + shown(called) + "\" is given twice");
    }
    seen.push_back(called);
    skip_spaces();
    if (ends() || body_[at_] != '=') return broken("an attribute without a value");
    ++at_;
    skip_spaces();
    if (ends() || (body_[at_] != '"' && body_[at_] != '\'')) {
      return broken("an attribute's value is not quoted");
    }
    const char quote = body_[at_++];
    while (!ends() && body_[at_] != quote) {
      if (body_[at_] == '<') return broken("< inside an attribute's value");
      if (body_[at_] == '&') {
        if (!reference()) return false;
      } else {
        ++at_;
      }
    }
    if (ends()) return broken("an attribute's value has no end");
    ++at_;
    return true;
  }

  bool text() {
    while (!ends() && body_[at_] != '<') {
      if (open_.empty() && !is_space(body_[at_])) return broken("text outside the root element");
      if (next_is("]]>")) return broken("]]> in text");
      if (body_[at_] == '&') {
        if (!reference()) return false;
      } else {
        ++at_;
      }
    }
    return true;
  }

  bool reference() {
    const std::size_t end = body_.substr(at_, 16).find(';');
    if (end == std::string_view::npos) return broken("& that begins no reference");
    std::string_view inside = body_.substr(at_ + 1, end - 1);
    if (inside.starts_with("#")) {
      inside.remove_prefix(1);
      const bool hex = inside.starts_with("x");
      if (hex) inside.remove_prefix(1);
      char32_t value = 0;
      bool good = !inside.empty() && inside.size() <= 8;
      for (const char c : inside) {
        const bool decimal = c >= '0' && c <= '9';
        const char lower = static_cast<char>(c | 0x20);
        const bool letter = hex && lower >= 'a' && lower <= 'f';
        if (!decimal && !letter) good = false;
        const int digit = decimal ? c - '0' : lower - 'a' + 10;
        value = value * (hex ? 16 : 10) + static_cast<char32_t>(digit);
      }
      if (!good || !is_xml_char(value)) return broken("a reference to no valid character");
    } else if (inside != "amp" && inside != "lt" && inside != "gt" && inside != "quot" &&
               inside != "apos") {
      return broken("the entity \"" + shown(inside) + "\" is not known");
    }
    at_ += end + 1;
    return true;
  }

  std::string_view name() {
    const std::size_t start = at_;
    if (ends() || !is_name_start(body_[at_])) return {};
    while (!ends() && is_name_char(body_[at_])) ++at_;
    if (at_ - start > kMaxName) return {};
    return body_.substr(start, at_ - start);
  }
  static std::string shown(std::string_view text) { return printable(text, kShownName); }

  std::string_view body_;
  std::size_t at_ = 0;
  std::vector<std::string_view> open_;
  std::size_t elements_ = 0;
  bool root_seen_ = false;
  std::string rule_;
};

}  // namespace

std::expected<void, ReadError> scan_xml(std::string_view body) { return Scan(body).run(); }

}  // namespace sallyport::messaging
