#include "server/user_door.h"

#include <utility>

#include "base/net.h"

namespace sallyport::server {

UserDoor::UserDoor(const config::Auth& auth, const auth::Directory& directory,
                   auth::FamiliarStore& store, const Clock& clock, Random& random)
    : budget({auth.refusals_per_second, auth.refusals_burst}, clock, random),
      guesses({auth.failures_per_pair, auth.failures_per_source, auth.failures_per_name}, clock,
              random),
      sources(clock),
      upkeep(directory, sources, store, clock),
      verifier({{auth.argon2_memory_kib, auth.argon2_passes, auth.argon2_lanes},
                auth.hash_threads,
                auth.hash_queue,
                auth.unproven_cpu_percent},
               random) {
  verifier.on_upgrade([this](auth::PasswordUpgrade one) { upkeep.upgrade(std::move(one)); });
}

Result<void> UserDoor::load(auth::FamiliarStore& store, const Clock& clock) {
  const auto seen = store.load_sources(clock.unix_us() - auth::FamiliarSources::kFor_us);
  if (!seen) return std::unexpected(seen.error());
  sources.load(*seen);
  return {};
}

void UserDoor::unlock(const admin::Unlock& unlock) {
  guesses.unlock_name(guesses.name_of(unlock.account, unlock.folded));
  if (unlock.source) guesses.unlock_source(source_network(*unlock.source));
}

void UserDoor::stop() {
  verifier.stop();
  upkeep.stop();
}

}  // namespace sallyport::server
