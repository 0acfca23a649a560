#include "limit/usage.h"

#include <algorithm>
#include <iterator>
#include <optional>

namespace sallyport::limit {
namespace {

constexpr std::size_t kSlots = 8'192;
constexpr std::size_t kProbes = 64;
constexpr std::int64_t kHour_us = 3'600'000'000;
constexpr std::string_view kClasses[] = {"successful", "blocked", "other", "shadow"};

std::size_t slot_of(const UsageTally::One& one) {
  std::uint64_t value = one.subscription.value;
  value ^= (static_cast<std::uint64_t>(one.reason) << 8U) + one.operation.size() * 31;
  value *= 0x9E3779B97F4A7C15ULL;
  return static_cast<std::size_t>(value >> 32) % kSlots;
}

}  // namespace

std::string_view to_string(UsageClass kind) { return kClasses[static_cast<std::size_t>(kind)]; }

std::optional<UsageClass> parse_usage_class(std::string_view text) {
  const auto found = std::ranges::find(kClasses, text);
  if (found == std::end(kClasses)) return std::nullopt;
  return static_cast<UsageClass>(found - std::begin(kClasses));
}

UsageTally::UsageTally() : slots_(kSlots) {}

// The strings of a slot keep their room, so that a warm slot costs no allocation.
void UsageTally::add(const One& one) {
  const std::int64_t hour_us = one.unix_us - one.unix_us % kHour_us;
  std::size_t place = slot_of(one);
  for (std::size_t probe = 0; probe < kProbes; ++probe, place = (place + 1) % kSlots) {
    UsageRow& row = slots_[place];
    if (row.count == 0) {
      ++used_;
      row.subscription = one.subscription;
      row.hour_us = hour_us;
      row.api = one.api;
      row.operation = one.operation;
      row.kind = one.kind;
      row.reason = one.reason;
      row.bytes = 0;
    } else if (row.subscription != one.subscription || row.hour_us != hour_us ||
               row.kind != one.kind || row.reason != one.reason || row.operation != one.operation ||
               row.api != one.api) {
      continue;
    }
    ++row.count;
    row.bytes += one.bytes;
    return;
  }
  ++dropped_;
}

std::vector<UsageRow> UsageTally::drain() {
  std::vector<UsageRow> rows;
  rows.reserve(used_);
  for (UsageRow& row : slots_) {
    if (row.count == 0) continue;
    rows.push_back(row);
    row.count = 0;
  }
  used_ = 0;
  return rows;
}

}  // namespace sallyport::limit
