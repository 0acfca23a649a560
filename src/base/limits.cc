#include "base/limits.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace sallyport {
namespace {

constexpr std::string_view kPeriods[] = {"minute", "hour", "day", "month"};  // as enumerated

}  // namespace

std::string_view to_string(QuotaPeriod period) {
  return kPeriods[static_cast<std::size_t>(period)];
}

std::optional<QuotaPeriod> parse_quota_period(std::string_view text) {
  const auto found = std::ranges::find(kPeriods, text);
  if (found == std::end(kPeriods)) return std::nullopt;
  return static_cast<QuotaPeriod>(found - std::begin(kPeriods));
}

std::string to_string(const WindowLimit& window) {
  std::string text = std::to_string(window.count) + "/";
  if (window.seconds % 3'600 == 0) return text + std::to_string(window.seconds / 3'600) + "h";
  if (window.seconds % 60 == 0) return text + std::to_string(window.seconds / 60) + "m";
  return text + std::to_string(window.seconds) + "s";
}

std::optional<WindowLimit> parse_window_limit(std::string_view text) {
  constexpr std::uint32_t kMostCount = 100'000'000;
  constexpr std::uint32_t kMostSeconds = 3'600;
  const char* const end = text.data() + text.size();
  WindowLimit window;
  const auto [slash, bad_count] = std::from_chars(text.data(), end, window.count);
  if (bad_count != std::errc() || slash == end || *slash != '/') return std::nullopt;
  const auto [unit, bad_length] = std::from_chars(slash + 1, end, window.seconds);
  if (bad_length != std::errc() || unit + 1 != end || window.seconds > kMostSeconds) {
    return std::nullopt;
  }
  if (*unit == 'm') {
    window.seconds *= 60;
  } else if (*unit == 'h') {
    window.seconds *= 3'600;
  } else if (*unit != 's') {
    return std::nullopt;
  }
  if (window.seconds == 0 || window.seconds > kMostSeconds || window.count > kMostCount) {
    return std::nullopt;
  }
  return window;
}

std::string windows_text(const Limits& limits) {
  std::string text;
  for (const WindowLimit& window : limits.windows) {
    if (window.seconds == 0) continue;
    text += (text.empty() ? "" : " ") + to_string(window);
  }
  return text;
}

bool read_windows(std::string_view text, Limits& limits) {
  limits.windows = {};
  for (std::size_t n = 0; !text.empty();) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    const auto window = parse_window_limit(text.substr(0, blank));
    if (!window || n == kMaxWindows) return false;
    limits.windows[n++] = *window;
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return true;
}

std::string short_text(const Limits& limits) {
  std::string shown;
  const auto add = [&shown](std::string part) {
    shown += (shown.empty() ? "" : " ") + std::move(part);
  };
  if (limits.rate_per_second) add("rate=" + std::to_string(*limits.rate_per_second));
  if (limits.burst) add("burst=" + std::to_string(*limits.burst));
  for (const WindowLimit& window : limits.windows) {
    if (window.seconds != 0) add("window=" + to_string(window));
  }
  if (limits.quota) {
    add("quota=" + std::to_string(*limits.quota) + "/" +
        std::string(to_string(limits.quota_period)));
  }
  if (limits.concurrency) add("concurrency=" + std::to_string(*limits.concurrency));
  return shown;
}

}  // namespace sallyport
