// When keys were last used, on its way from the workers to the store. A worker keeps a list of its
// own, in which a key stands once a minute, and hands it over from its tick: the request path takes
// no lock and shares nothing. add() on any thread, take() on the control thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "base/id.h"

namespace sallyport::auth {

struct KeyUse {
  KeyId key;
  std::int64_t at_us = 0;  // wall clock
};

class KeyUses {
 public:
  void add(std::vector<KeyUse>& uses);  // takes them, and leaves the capacity
  std::vector<KeyUse> take();

 private:
  std::mutex mutex_;
  std::vector<KeyUse> uses_;
};

}  // namespace sallyport::auth
