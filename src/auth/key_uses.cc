#include "auth/key_uses.h"

#include <utility>

namespace sallyport::auth {

void KeyUses::add(std::vector<KeyUse>& uses) {
  if (uses.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    uses_.insert(uses_.end(), uses.begin(), uses.end());
  }
  uses.clear();
}

std::vector<KeyUse> KeyUses::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(uses_, {});
}

}  // namespace sallyport::auth
