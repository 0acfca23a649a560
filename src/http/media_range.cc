#include "http/media_range.h"

#include <algorithm>

#include "base/encoding.h"

namespace sallyport::http {
namespace {

constexpr std::size_t kMaxRanges = 64;

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

MediaParameter parse_parameter(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return {ascii_lower(text), {}};
  std::string_view value = trim_ascii(text.substr(equals + 1));
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
    value = value.substr(1, value.size() - 2);
  }
  return {ascii_lower(trim_ascii(text.substr(0, equals))), value};
}

}  // namespace

bool is_utf8_charset(std::string_view value) {
  return equal_ascii_case(value, "utf-8") || equal_ascii_case(value, "utf8");
}

MediaTypeText parse_media_type(std::string_view text) {
  const auto parts = split(text, ';');
  MediaTypeText media{ascii_lower(parts[0]), {}};
  for (std::size_t i = 1; i < parts.size(); ++i) {
    media.parameters.push_back(parse_parameter(parts[i]));
  }
  return media;
}

std::vector<MediaRange> parse_accept(std::string_view accept) {
  std::vector<MediaRange> ranges;
  for (const std::string_view element : split(accept, ',')) {
    if (element.empty()) continue;
    if (ranges.size() == kMaxRanges) break;
    const MediaTypeText media = parse_media_type(element);
    MediaRange range{.type = media.type,
                     .written = trim_ascii(element.substr(0, element.find(';')))};
    if (range.type == "*") range.type = "*/*";  // what some old clients send
    for (const MediaParameter& parameter : media.parameters) {
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

std::string joined(const Request& request, std::string_view name) {
  std::string all;
  for (const Field& field : request.fields) {
    if (field.name != name) continue;
    if (!all.empty()) all += ',';
    all += field.value;
  }
  return all;
}

}  // namespace sallyport::http
