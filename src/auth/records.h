// What the doors know of each entity, compiled for reading: records are immutable and replaced
// whole, slots have an address for the life of the directory and hold what may change beneath a
// record that points to them. Owned by Directory; workers read them within one turn of their loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "auth/application_slot.h"
#include "auth/user_record.h"
#include "base/entities.h"
#include "base/net.h"
#include "base/slab.h"

namespace sallyport::limit {
struct Cell;
}

// Laid out to touch few cache lines: with a hundred thousand keys nearly every one is a miss.
namespace sallyport::auth {

struct PlanRecord {
  PlanId id;
  Status status = Status::Inactive;
  Limits limits;
  std::unique_ptr<const Limits> shadow;  // few have any
  std::int32_t priority = 0;
  std::string name;
};
struct PlanSlot {
  std::atomic<const PlanRecord*> record = nullptr;
};

struct SubscriptionRecord : FromSlab<SubscriptionRecord> {
  SubscriptionId id;
  const ApplicationSlot* application = nullptr;
  const PlanSlot* plan = nullptr;
  std::int64_t starts_us = 0;
  std::int64_t ends_us = 0;
  std::unique_ptr<const Limits> overrides;  // few have any
  Status status = Status::Ended;
  Environment environment = Environment::Live;
};
struct SubscriptionSlot : FromSlab<SubscriptionSlot> {
  std::atomic<const SubscriptionRecord*> record = nullptr;
  // The gateway's find, kept: a threshold has its address for the life of the process.
  mutable std::atomic<limit::Cell*> cell = nullptr;
  // The record's, to be fetched beside the record instead of after it.
  std::atomic<const ApplicationSlot*> application = nullptr;
};

struct KeyExtras {  // what few keys have
  std::int64_t not_before_us = 0;
  std::int64_t expires_us = 0;
  std::vector<Network> allowed_networks;
  Limits limits;
};
struct alignas(64) KeyRecord : FromSlab<KeyRecord> {
  Digest digest{};
  KeyId id;
  const SubscriptionSlot* subscription = nullptr;
  std::unique_ptr<const KeyExtras> extras;
  Status status = Status::Revoked;
  Environment environment = Environment::Live;
  mutable std::atomic<std::uint32_t> last_used_min = 0;  // since 1970; in the line that is read

  std::uint64_t hash() const;  // of the digest, which is as good as random
  // True for one of the requests of a minute: it tells whoever keeps last_used. Any worker.
  bool touch(std::int64_t now_us) const {
    const auto minute = static_cast<std::uint32_t>(now_us / kMinute_us);
    if (last_used_min.load(std::memory_order_relaxed) == minute) return false;
    return last_used_min.exchange(minute, std::memory_order_relaxed) != minute;
  }
  static constexpr std::int64_t kMinute_us = 60'000'000;
};
static_assert(sizeof(KeyRecord) == 64);

bool allows(const std::vector<Network>& networks, const IpAddress& ip);  // empty = everywhere

}  // namespace sallyport::auth
