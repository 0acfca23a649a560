#include "gateway/accept.h"

#include <algorithm>

#include "base/encoding.h"

namespace sallyport::gateway {
namespace {

constexpr std::size_t kMaxTypeBytes = 127;  // RFC 6838 4.2, for each half; plenty for both

// RFC 9110 5.6.2. What is echoed into our head has nothing else but one slash.
bool is_type_text(std::string_view text) {
  static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~/";
  return text.size() <= kMaxTypeBytes && std::ranges::count(text, '/') == 1 &&
         std::ranges::all_of(text, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  kMarks.find(c) != std::string_view::npos;
         });
}

// "q=0.85" in thousandths; anything unreadable counts as 1, as if it were not there.
int quality_of(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::size_t end = std::min(parameters.find(';'), parameters.size());
    std::string_view one = trim_ascii(parameters.substr(0, end));
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
    if (one.size() < 3 || (one[0] != 'q' && one[0] != 'Q') || one[1] != '=') continue;
    one.remove_prefix(2);
    int value = one[0] == '0' ? 0 : 1000;
    if (one.size() > 1 && one[1] == '.' && one[0] == '0') {
      int scale = 100;
      for (const char c : one.substr(2, 3)) {
        if (c < '0' || c > '9') return 1000;
        value += (c - '0') * scale;
        scale /= 10;
      }
    }
    return value;
  }
  return 1000;
}

}  // namespace

MediaChoice known_media(std::string_view text) {
  MediaChoice choice;
  const std::string_view type = trim_ascii(text.substr(0, text.find(';')));
  const std::string lower = ascii_lower(type);
  const bool json = lower == "application/json" ||
                    (lower.starts_with("application/vnd.") && lower.ends_with("+json"));
  const bool xml = lower == "application/xml" || lower == "text/xml" ||
                   (lower.starts_with("application/vnd.") && lower.ends_with("+xml"));
  choice.json = json;
  choice.type = (json || xml) && is_type_text(type) ? std::string(type) : std::string();
  return choice;
}

MediaChoice choose_media(const http::Request& request) {
  MediaChoice best;
  int best_quality = 0;
  for (const http::Field& field : request.fields) {
    if (field.name != "accept") continue;
    std::string_view left = field.value;
    while (!left.empty()) {
      const std::size_t end = std::min(left.find(','), left.size());
      const std::string_view one = left.substr(0, end);
      left.remove_prefix(std::min(end + 1, left.size()));
      MediaChoice known = known_media(one);
      if (known.type.empty()) continue;
      const std::size_t parameters = std::min(one.find(';'), one.size());
      const int quality = quality_of(one.substr(std::min(parameters + 1, one.size())));
      if (quality <= best_quality) continue;
      best_quality = quality;
      best = std::move(known);
      best.asked = true;
    }
  }
  if (best.asked) return best;
  if (const auto own = request.field("content-type")) {
    if (MediaChoice known = known_media(*own); !known.type.empty()) return known;
  }
  return MediaChoice{};
}

}  // namespace sallyport::gateway
