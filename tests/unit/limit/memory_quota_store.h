// A quota store in memory, for the limiter's tests and its simulator.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "limit/quota_store.h"

namespace sallyport::limit {

// Durable at once, or held back, or away.
class MemoryQuotaStore final : public QuotaStore {
 public:
  Result<std::vector<QuotaMark>> load_quota_marks() override {
    std::vector<QuotaMark> all;
    for (const auto& [id, mark] : marks) all.push_back(mark);
    return all;
  }
  void raise_quota_mark(QuotaMark mark, std::move_only_function<void(Result<void>)> done) override {
    ++raises;
    if (away) {
      done(fail(ErrorKind::Unavailable, "disk full"));
      return;
    }
    for (const QuotaTold& one : mark.events) told.push_back(one);
    marks[{mark.subscription.value, mark.scope}] = mark;
    if (hold) {
      held.push_back(std::move(done));
    } else {
      done({});
    }
  }
  Result<void> settle_quota_marks(const std::vector<QuotaMark>& settled) override {
    for (const QuotaMark& mark : settled) marks[{mark.subscription.value, mark.scope}] = mark;
    return {};
  }

  std::map<std::pair<std::uint64_t, std::string>, QuotaMark> marks;
  std::vector<QuotaTold> told;
  std::deque<std::move_only_function<void(Result<void>)>> held;
  bool hold = false;
  bool away = false;
  int raises = 0;
};

}  // namespace sallyport::limit
