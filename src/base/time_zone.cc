#include "base/time_zone.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/time_text.h"

namespace sallyport {
namespace {

// The database has about 600 names; what does not fit is refused like an unknown one.
constexpr std::size_t kMost = 1'024;

struct Names {
  Names() {
    kept.reserve(kMost);
    keep("UTC");
  }
  std::uint16_t keep(std::string name) {
    kept.push_back(std::move(name));
    names[kept.size()].store(&kept.back(), std::memory_order_release);
    return static_cast<std::uint16_t>(kept.size());
  }
  std::mutex mutex;
  std::vector<std::string> kept;                                   // under mutex; never moves
  std::array<std::atomic<const std::string*>, kMost + 1> names{};  // 0 is none, 1 is UTC
};

Names& names() {
  static Names all;
  return all;
}

}  // namespace

std::optional<ZoneId> find_zone(std::string_view name) {
  if (name.empty()) return std::nullopt;
  Names& all = names();
  const std::lock_guard guard(all.mutex);
  const auto known = std::ranges::find(all.kept, name);
  if (known != all.kept.end()) {
    return ZoneId{static_cast<std::uint16_t>(known - all.kept.begin() + 1)};
  }
  std::string text(name);
  if (all.kept.size() == kMost || !is_time_zone(text)) return std::nullopt;
  return ZoneId{all.keep(std::move(text))};
}

std::string_view zone_name(ZoneId zone) {
  if (!zone || zone.value > kMost) return {};
  const std::string* name = names().names[zone.value].load(std::memory_order_acquire);
  return name == nullptr ? std::string_view{} : std::string_view(*name);
}

}  // namespace sallyport
