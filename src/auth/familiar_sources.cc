#include "auth/familiar_sources.h"

#include <algorithm>

namespace sallyport::auth {
namespace {

constexpr std::int64_t kFresh_us = 3'600LL * 1'000'000;

}  // namespace

bool FamiliarSources::knows(UserId user, std::uint64_t source) const {
  const std::int64_t since_us = clock_.unix_us() - kFor_us;
  const Shard& own = shard(user);
  const std::lock_guard lock(own.mutex);
  const auto found = own.users.find(user);
  return found != own.users.end() &&
         std::ranges::any_of(found->second, [source, since_us](const Seen& one) {
           return one.source == source && one.seen_us >= since_us;
         });
}

void FamiliarSources::note(UserId user, std::uint64_t source) {
  const std::int64_t now_us = clock_.unix_us();
  Shard& own = shard(user);
  const std::lock_guard lock(own.mutex);
  std::vector<Seen>& seen = own.users[user];
  const auto present = std::ranges::find(seen, source, &Seen::source);
  if (present != seen.end() && now_us - present->seen_us < kFresh_us) return;
  put(seen, source, now_us);
  own.fresh.push_back({user, source, now_us});
}

// The one that was not seen for longest makes room.
void FamiliarSources::put(std::vector<Seen>& seen, std::uint64_t source, std::int64_t seen_us) {
  const auto present = std::ranges::find(seen, source, &Seen::source);
  if (present != seen.end()) {
    present->seen_us = std::max(present->seen_us, seen_us);
  } else if (seen.size() < kMostPerUser) {
    seen.push_back({source, seen_us});
  } else {
    *std::ranges::min_element(seen, {}, &Seen::seen_us) = {source, seen_us};
  }
}

void FamiliarSources::load(const std::vector<SourceSeen>& rows) {
  for (const SourceSeen& row : rows) {
    Shard& own = shard(row.user);
    const std::lock_guard lock(own.mutex);
    put(own.users[row.user], row.source, row.seen_us);
  }
}

std::vector<SourceSeen> FamiliarSources::take_new() {
  std::vector<SourceSeen> rows;
  for (Shard& one : shards_) {
    const std::lock_guard lock(one.mutex);
    rows.insert(rows.end(), one.fresh.begin(), one.fresh.end());
    one.fresh.clear();
  }
  return rows;
}

}  // namespace sallyport::auth
