// The application's door without its clothing: from a key's text to everything on its chain, with
// one reason when something on it is not as it must be. Any worker; what it returns points into the
// directory and holds until the loop's next turn.
#pragma once

#include <cstdint>
#include <string_view>

#include "auth/directory.h"
#include "base/net.h"
#include "base/reason.h"

namespace sallyport::auth {

// Filled as far as the chain could be followed, also when it refuses: logs tell whose key it was.
struct KeyCheck {
  Reason reason = Reason::KeyMissing;  // Ok, or the first cause in the order of the chain
  const KeyRecord* key = nullptr;
  const SubscriptionRecord* subscription = nullptr;
  const ApplicationSlot* application = nullptr;
  const AccountSlot* account = nullptr;
  const PlanRecord* plan = nullptr;
};

// `now_us` is wall-clock time.
KeyCheck check_key(const Directory& directory, std::string_view text, const IpAddress& client,
                   std::int64_t now_us);
KeyCheck check_key(const KeyRecord& key, const IpAddress& client, std::int64_t now_us);

// Of a key that is not the one presented: active and not expired. Its chain is not asked.
bool is_good(const KeyRecord& key, std::int64_t now_us);

}  // namespace sallyport::auth
