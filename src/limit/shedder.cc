#include "limit/shedder.h"

#include <algorithm>

namespace sallyport::limit {

Shedder::Shedder(std::int64_t late_us) : late_us_(late_us) { classes_.reserve(kMostClasses); }

void Shedder::tick(std::int64_t lag_us) {
  lag_us_.store(lag_us, std::memory_order_relaxed);
  if (late_us_ == 0) return;
  ++tick_;
  std::erase_if(classes_, [this](const Class& one) { return tick_ - one.last_tick > kForgotten; });
  const auto classes = static_cast<std::uint32_t>(std::max<std::size_t>(1, classes_.size()));
  const std::uint32_t most = classes * kWhole - kKept;
  std::uint32_t level = std::min(level_.load(std::memory_order_relaxed), most);
  if (lag_us > late_us_) {
    if (++late_ticks_ >= kPatience) level = std::min(level + kUp, most);
  } else {
    late_ticks_ = 0;
    level = level > kDown ? level - kDown : 0;
  }
  level_.store(level, std::memory_order_relaxed);
}

bool Shedder::sheds(std::int32_t priority) const {
  if (late_us_ == 0) return false;
  auto found = std::ranges::lower_bound(classes_, priority, {}, &Class::priority);
  if (found == classes_.end() || found->priority != priority) {
    if (classes_.size() == kMostClasses) return false;
    found = classes_.insert(found, {priority, tick_});
  }
  found->last_tick = tick_;
  const std::uint32_t level = level_.load(std::memory_order_relaxed);
  if (level == 0) return false;
  const auto below = static_cast<std::uint32_t>(found - classes_.begin()) * kWhole;
  if (level >= below + kWhole) return true;
  if (level <= below) return false;
  // Part of this class: spread evenly over its requests.
  turn_ += level - below;
  if (turn_ < kWhole) return false;
  turn_ -= kWhole;
  return true;
}

}  // namespace sallyport::limit
