// The most that numbers may be, alike on the command line, in imports and in documents. Constant.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sallyport::admin {

inline constexpr std::uint64_t kMostRate = 100'000'000;  // per second; bursts too
inline constexpr std::uint64_t kMostQuota = 1'000'000'000'000'000;
inline constexpr std::uint64_t kMostConcurrency = 1'000'000;
inline constexpr std::uint64_t kMostKeysPerApplication = 1'000'000;
inline constexpr std::uint64_t kMostKeyLifetimeDays = 36'500;
inline constexpr int kMostPriority = 1'000;           // and as much below zero
inline constexpr std::int64_t kMostShadowDays = 90;   // of a role's candidate
inline constexpr std::size_t kMostTextBytes = 4'000;  // of one field of a document

}  // namespace sallyport::admin
