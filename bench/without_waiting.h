// A store and a loop that answer at once, where the chain alone is measured.
#pragma once

#include <vector>

#include "base/loop.h"
#include "bench/allocations.h"
#include "limit/quota_store.h"

namespace sallyport::bench {

class DurableAtOnce final : public limit::QuotaStore {
 public:
  Result<std::vector<limit::QuotaMark>> load_quota_marks() override {
    return std::vector<limit::QuotaMark>{};
  }
  void raise_quota_mark(limit::QuotaMark,
                        std::move_only_function<void(Result<void>)> done) override {
    // The store's own memory is not the chain's.
    const bool was = counting.exchange(false);
    done({});
    counting = was;
  }
  Result<void> settle_quota_marks(const std::vector<limit::QuotaMark>&) override { return {}; }
};

class NoLoop final : public Loop {
 public:
  void post(Callback callback) override { callback(); }
  void at(std::int64_t, Callback) override {}
};

}  // namespace sallyport::bench
