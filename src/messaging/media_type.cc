#include "messaging/media_type.h"

#include <algorithm>

#include "base/encoding.h"
#include "http/media_range.h"

namespace sallyport::messaging {
namespace {

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
void rate(Candidate& candidate, const std::vector<http::MediaRange>& ranges) {
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

std::optional<MediaType> choose(std::vector<Candidate> list,
                                const std::vector<http::MediaRange>& ranges) {
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
  fields.accept = http::joined(request, "accept");
  fields.content_type = request.field("content-type").value_or("");
  fields.content_type_repeated = request.count("content-type") > 1;
  return fields;
}

std::optional<MediaType> negotiate(const MediaFields& fields, const MediaRules& rules) {
  // What most clients send, as it stands.
  if (const auto plain = format_of_plain(fields.accept)) return MediaType{*plain, fields.accept};
  const Format first = preferred_format(fields, rules.vendor);
  const auto ranges = http::parse_accept(fields.accept);
  if (ranges.empty())
    return MediaType{first, vendor_type(rules.vendor, rules.names.front(), first)};
  return choose(candidates(rules, first), ranges);
}

MediaType negotiate_error(const MediaFields& fields, const MediaRules& rules) {
  const Format first = preferred_format(fields, rules.vendor);
  MediaType fallback{first, vendor_type(rules.vendor, rules.names.front(), first)};
  const auto ranges = http::parse_accept(fields.accept);
  if (ranges.empty()) return fallback;
  auto list = candidates(rules, first);
  for (const http::MediaRange& range : ranges) {
    if (const auto parts = parse_vendor(range.type, rules.vendor)) {
      list.push_back(
          {.type = {parts->format, vendor_type(rules.vendor, parts->name, parts->format)}});
    }
  }
  return choose(std::move(list), ranges).value_or(fallback);
}

std::optional<BodyType> body_type(const MediaFields& fields, std::string_view vendor) {
  if (fields.content_type.empty() || fields.content_type_repeated) return std::nullopt;
  const http::MediaTypeText own_type = http::parse_media_type(fields.content_type);
  for (const http::MediaParameter& parameter : own_type.parameters) {
    if (parameter.name == "charset" && !http::is_utf8_charset(parameter.value)) {
      return std::nullopt;
    }
  }
  if (const auto plain = format_of_plain(own_type.type)) return BodyType{*plain, {}};
  if (const auto own = parse_vendor(own_type.type, vendor)) {
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
