#include "auth/decoys.h"

#include <algorithm>
#include <utility>

#include "auth/password_hash.h"
#include "auth/records.h"

namespace sallyport::auth {
namespace {

// Equal for verifiers that take the same time.
std::string cost_of(std::string_view verifier) {
  const auto format = read_format(verifier);
  if (!format) return {};  // nobody gets in with it, and nobody is checked against it
  std::string cost(format->cost);
  if (format->kind == HashKind::WrappedSha1) return "wrapped " + cost;
  if (format->kind != HashKind::Scrypt) return cost;
  return "scrypt " + std::to_string(format->rounds) + " " + std::to_string(format->block_size) +
         " " + std::to_string(format->lanes);
}

}  // namespace

Decoys::Decoys(Reclaimer& reclaimer) : reclaimer_(reclaimer), seed_(random_.next_u64()) {}

Decoys::~Decoys() { delete drawn_.load(std::memory_order_relaxed); }

void Decoys::add(std::string_view verifier) {
  std::string cost = cost_of(verifier);
  if (cost.empty()) return;
  Kind& kind = kinds_[std::move(cost)];
  if (kind.decoy.empty()) kind.decoy = dummy_like(verifier, random_);
  ++kind.count;
  changed_ = true;
}

void Decoys::remove(std::string_view verifier) {
  const auto found = kinds_.find(cost_of(verifier));
  if (found == kinds_.end()) return;
  if (--found->second.count == 0) kinds_.erase(found);
  changed_ = true;
}

void Decoys::publish() {
  if (!std::exchange(changed_, false)) return;
  auto next = std::make_unique<Drawn>();
  std::uint64_t total = 0;
  for (const auto& [cost, kind] : kinds_) {
    total += kind.count;
    next->up_to.emplace_back(total, kind.decoy);
  }
  const Drawn* old = drawn_.exchange(next.release(), std::memory_order_acq_rel);
  if (old != nullptr) {
    reclaimer_.retire([old] { delete old; });
  }
}

std::string_view Decoys::draw(AccountId account, std::string_view folded) const {
  const Drawn* drawn = drawn_.load(std::memory_order_acquire);
  if (drawn == nullptr || drawn->up_to.empty()) return {};
  const std::uint64_t name = user_hash(AccountId{account.value ^ seed_}, folded);
  // Over the whole range, so that a name stays where it is when users come and go.
  const double place = static_cast<double>(name >> 11U) * 0x1.0p-53;
  const auto wanted =
      static_cast<std::uint64_t>(place * static_cast<double>(drawn->up_to.back().first));
  const auto found = std::ranges::upper_bound(drawn->up_to, wanted, {},
                                              [](const auto& entry) { return entry.first; });
  return found == drawn->up_to.end() ? std::string_view(drawn->up_to.back().second)
                                     : std::string_view(found->second);
}

}  // namespace sallyport::auth
