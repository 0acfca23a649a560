#include "messaging/media_type.h"

#include <algorithm>

#include "base/encoding.h"

namespace sallyport::messaging {
namespace {

constexpr std::size_t kMaxRanges = 64;  // of one Accept; what comes after is not looked at
constexpr int kFullQuality = 1000;

struct Range {
  std::string type;  // "application/json", "*/*", lower case
  int quality = kFullQuality;
  bool usable = true;  // its charset is one we write
};

// Splits at `separator` outside quoted strings.
std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == separator && !quoted) {
      parts.push_back(trim_ascii(text.substr(start, i - start)));
      start = i + 1;
    }
  }
  parts.push_back(trim_ascii(text.substr(std::min(start, text.size()))));
  return parts;
}

// RFC 9110 12.4.2: "0", "1", up to three digits behind the dot. In thousandths; -1 when malformed.
int parse_quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return -1;
  if (text.size() > 1 && text[1] != '.') return -1;
  int value = text[0] == '1' ? kFullQuality : 0;
  int unit = 100;
  for (std::size_t i = 2; i < text.size(); ++i, unit /= 10) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value += (text[i] - '0') * unit;
  }
  return value > kFullQuality ? -1 : value;
}

struct Parameter {
  std::string name;  // lower case
  std::string_view value;
};

Parameter parse_parameter(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return {ascii_lower(text), {}};
  std::string_view value = trim_ascii(text.substr(equals + 1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  return {ascii_lower(trim_ascii(text.substr(0, equals))), value};
}

bool is_utf8_charset(std::string_view value) {
  return equal_ascii_case(value, "utf-8") || equal_ascii_case(value, "utf8");
}

std::vector<Range> parse_accept(std::string_view accept) {
  std::vector<Range> ranges;
  for (const std::string_view element : split(accept, ',')) {
    if (element.empty()) continue;
    if (ranges.size() == kMaxRanges) break;
    const auto parts = split(element, ';');
    Range range{.type = ascii_lower(parts[0])};
    if (range.type == "*") range.type = "*/*";  // what some old clients send
    for (std::size_t i = 1; i < parts.size(); ++i) {
      const Parameter parameter = parse_parameter(parts[i]);
      if (parameter.name == "q") {
        const int quality = parse_quality(parameter.value);
        if (quality >= 0) range.quality = quality;
      } else if (parameter.name == "charset" && !is_utf8_charset(parameter.value)) {
        range.usable = false;
      }
    }
    ranges.push_back(std::move(range));
  }
  return ranges;
}

std::optional<Format> format_of_plain(std::string_view type) {
  if (type == "application/json") return Format::Json;
  if (type == "application/xml" || type == "text/xml") return Format::Xml;
  return std::nullopt;
}

struct VendorParts {
  std::string_view name;
  Format format;
};

bool is_name(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// `type` in lower case. Version 1 is the only one there is.
std::optional<VendorParts> parse_vendor(std::string_view type, std::string_view vendor) {
  const std::string prefix = "application/vnd." + ascii_lower(vendor) + ".";
  if (!type.starts_with(prefix)) return std::nullopt;
  type.remove_prefix(prefix.size());
  Format format = Format::Json;
  if (type.ends_with("-v1+json")) {
    type.remove_suffix(8);
  } else if (type.ends_with("-v1+xml")) {
    type.remove_suffix(7);
    format = Format::Xml;
  } else {
    return std::nullopt;
  }
  if (!is_name(type)) return std::nullopt;
  return VendorParts{type, format};
}

struct Candidate {
  MediaType type;
  // Filled by rate().
  int quality = 0;
  int specificity = 0;
  std::size_t position = 0;
};

// 3 exact, 2 "application/*", 1 "*/*", 0 no match.
int match(std::string_view range, std::string_view type) {
  if (range == type) return 3;
  if (range == "*/*") return 1;
  if (range.size() > 2 && range.ends_with("/*") &&
      type.substr(0, range.size() - 1) == range.substr(0, range.size() - 1)) {
    return 2;
  }
  return 0;
}

// The most specific range that matches decides (RFC 9110 12.5.1).
void rate(Candidate& candidate, const std::vector<Range>& ranges) {
  const std::string lower = ascii_lower(candidate.type.text);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (!ranges[i].usable) continue;
    const int specificity = match(ranges[i].type, lower);
    if (specificity > candidate.specificity) {
      candidate.specificity = specificity;
      candidate.quality = ranges[i].quality;
      candidate.position = i;
    }
  }
}

Format preferred_format(const MediaFields& fields, std::string_view vendor) {
  const auto own = body_type(fields, vendor);
  return own ? own->format : Format::Xml;
}

std::vector<Candidate> candidates(const MediaRules& rules, Format first) {
  const Format second = first == Format::Json ? Format::Xml : Format::Json;
  std::vector<Candidate> list;
  for (const std::string_view name : rules.names) {
    for (const Format format : {first, second}) {
      list.push_back({.type = {format, vendor_type(rules.vendor, name, format)}});
    }
  }
  for (const Format format : {first, second}) {
    if (format == Format::Json) {
      list.push_back({.type = {format, "application/json"}});
    } else {
      list.push_back({.type = {format, "application/xml"}});
      list.push_back({.type = {format, "text/xml"}});
    }
  }
  return list;
}

std::optional<MediaType> choose(std::vector<Candidate> list, const std::vector<Range>& ranges) {
  const Candidate* best = nullptr;
  for (Candidate& one : list) {
    rate(one, ranges);
    if (one.quality == 0) continue;
    const bool better = best == nullptr || one.quality > best->quality ||
                        (one.quality == best->quality &&
                         (one.specificity > best->specificity ||
                          (one.specificity == best->specificity && one.position < best->position)));
    if (better) best = &one;
  }
  if (best == nullptr) return std::nullopt;
  return best->type;
}

}  // namespace

MediaFields media_fields(const http::Request& request) {
  MediaFields fields;
  for (const http::Field& field : request.fields) {
    if (field.name == "accept") {
      if (!fields.accept.empty()) fields.accept += ',';
      fields.accept += field.value;
    } else if (field.name == "content-type") {
      fields.content_type_repeated = !fields.content_type.empty();
      fields.content_type = field.value;
    }
  }
  return fields;
}

std::optional<MediaType> negotiate(const MediaFields& fields, const MediaRules& rules) {
  const Format first = preferred_format(fields, rules.vendor);
  const auto ranges = parse_accept(fields.accept);
  if (ranges.empty())
    return MediaType{first, vendor_type(rules.vendor, rules.names.front(), first)};
  return choose(candidates(rules, first), ranges);
}

MediaType negotiate_error(const MediaFields& fields, const MediaRules& rules) {
  const Format first = preferred_format(fields, rules.vendor);
  MediaType fallback{first, vendor_type(rules.vendor, rules.names.front(), first)};
  const auto ranges = parse_accept(fields.accept);
  if (ranges.empty()) return fallback;
  auto list = candidates(rules, first);
  for (const Range& range : ranges) {
    if (const auto parts = parse_vendor(range.type, rules.vendor)) {
      list.push_back(
          {.type = {parts->format, vendor_type(rules.vendor, parts->name, parts->format)}});
    }
  }
  return choose(std::move(list), ranges).value_or(fallback);
}

std::optional<BodyType> body_type(const MediaFields& fields, std::string_view vendor) {
  if (fields.content_type.empty() || fields.content_type_repeated) return std::nullopt;
  const auto parts = split(fields.content_type, ';');
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const Parameter parameter = parse_parameter(parts[i]);
    if (parameter.name == "charset" && !is_utf8_charset(parameter.value)) return std::nullopt;
  }
  const std::string type = ascii_lower(parts[0]);
  if (const auto plain = format_of_plain(type)) return BodyType{*plain, {}};
  if (const auto own = parse_vendor(type, vendor)) {
    return BodyType{own->format, std::string(own->name)};
  }
  return std::nullopt;
}

std::string vendor_type(std::string_view vendor, std::string_view name, Format format) {
  std::string text = "application/vnd.";
  text.append(vendor).append(".").append(name).append("-v1+");
  text += format == Format::Json ? "json" : "xml";
  return text;
}

std::string vendor_types(std::string_view vendor, std::string_view name) {
  return vendor_type(vendor, name, Format::Xml) + "," + vendor_type(vendor, name, Format::Json);
}

}  // namespace sallyport::messaging
