#include "gateway/accept.h"

#include <algorithm>

#include "base/encoding.h"
#include "http/media_range.h"

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
  const std::string accept = http::joined(request, "accept");
  MediaChoice best;
  int best_quality = 0;
  for (const http::MediaRange& range : http::parse_accept(accept)) {
    if (!range.usable || range.quality <= best_quality) continue;
    MediaChoice known = known_media(range.written);
    if (known.type.empty()) continue;
    best_quality = range.quality;
    best = std::move(known);
    best.asked = true;
  }
  if (best.asked) return best;
  if (const auto own = request.field("content-type")) {
    if (MediaChoice known = known_media(*own); !known.type.empty()) return known;
  }
  return MediaChoice{};
}

}  // namespace sallyport::gateway
