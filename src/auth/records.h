// What the doors know of each entity, compiled for reading: records are immutable and replaced
// whole, slots have an address for the life of the directory and hold what may change beneath a
// record that points to them. Owned by Directory; workers read them within one turn of their loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/application_slot.h"
#include "base/entities.h"
#include "base/net.h"

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

struct SubscriptionRecord {
  SubscriptionId id;
  const ApplicationSlot* application = nullptr;
  const PlanSlot* plan = nullptr;
  std::int64_t starts_us = 0;
  std::int64_t ends_us = 0;
  std::unique_ptr<const Limits> overrides;  // few have any
  Status status = Status::Ended;
  Environment environment = Environment::Live;
};
struct SubscriptionSlot {
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
struct alignas(64) KeyRecord {
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

// The keyed MAC of the last proven password; see auth/verifier.h.
struct Proof {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const Proof&) const = default;
};

class UserRecord {
 public:
  // `folded` is fold_username(user.username).
  UserRecord(const User& user, std::string_view folded);

  UserId id() const { return id_; }
  AccountId account() const { return account_; }
  std::uint64_t security_version() const { return security_version_; }
  Status status() const { return status_; }
  bool must_change() const { return must_change_; }
  std::span<const RoleAssignment> roles() const {
    if (more_roles_.empty()) return {&role_, has_role_ ? 1U : 0U};
    return more_roles_;
  }
  const std::vector<Network>& allowed_networks() const { return allowed_networks_; }
  std::string_view folded() const { return part(0, folded_end_); }
  std::string_view username() const { return part(folded_end_, username_end_); }
  std::string_view display_name() const { return part(username_end_, display_end_); }
  std::string_view verifier() const { return part(display_end_, verifier_end_); }

  // Any worker, without a lock. Two halves from two writers are the same proof: of the password.
  bool is_proven(const Proof& proof) const;
  void set_proven(const Proof& proof) const;
  bool mark(std::uint64_t mark) const;       // true when it is another than the last one
  void copy_proof(const UserRecord& older);  // keeps it over a change that does not end it

  std::uint64_t hash() const { return hash_; }

 private:
  std::string_view part(std::uint32_t begin, std::uint32_t end) const {
    return {text_.get() + begin, end - begin};
  }

  std::uint64_t hash_;
  AccountId account_;
  UserId id_;
  Status status_;
  bool must_change_;
  std::unique_ptr<char[]> text_;  // the four texts in one piece: there may be a million users
  std::uint32_t folded_end_ = 0;
  std::uint32_t username_end_ = 0;
  std::uint32_t display_end_ = 0;
  std::uint32_t verifier_end_ = 0;
  std::uint64_t security_version_;
  mutable std::atomic<std::uint64_t> proof_high_ = 0;
  mutable std::atomic<std::uint64_t> proof_low_ = 0;
  mutable std::atomic<std::uint64_t> mark_ = 0;
  RoleAssignment role_;  // of a user who has just one, as most do
  bool has_role_ = false;
  std::vector<RoleAssignment> more_roles_;  // of one who has several: all of them
  std::vector<Network> allowed_networks_;
};

std::uint64_t user_hash(AccountId account, std::string_view folded);
bool allows(const std::vector<Network>& networks, const IpAddress& ip);  // empty = everywhere

}  // namespace sallyport::auth
