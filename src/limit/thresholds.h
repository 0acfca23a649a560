// Rate and quota: cells that workers charge, all or nothing. A cell is found without a lock and has
// a spin lock of its own, held for its loads and stores only; the cells of one decision are locked
// in the order of their addresses. Cells are made by the control thread and live as long as this.
// A quota's mark is raised durably before what it covers is admitted (limit/quota_store.h): who
// meets the end of the mark waits; when the store is away, that is StoreAway, never "over quota".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/entities.h"
#include "base/loop.h"
#include "base/reason.h"
#include "base/table.h"
#include "limit/quota_store.h"
#include "limit/scope.h"

namespace sallyport::limit {

struct Cell;

// One threshold that applies to a request.
struct Rule {
  Cell* cell = nullptr;
  Limits limits;
  Reason over_rate = Reason::OverRate;  // of an API's total: ServiceOverRate
};
inline constexpr std::size_t kMaxRules = 4;

struct Decision {
  enum class Kind : std::uint8_t { Admitted, Refused, Wait };
  Kind kind = Kind::Admitted;
  Reason reason = Reason::Ok;  // OverRate, OverQuota, ServiceOverRate, StoreAway
  std::int64_t decided_us = 0;
  // Refused: the smallest whole number of seconds after which a silent client is sure to get in.
  std::int64_t retry_after_s = 0;
  QuotaPeriod period = QuotaPeriod::Day;  // of the quota that refused
  Cell* waiting_for = nullptr;            // Wait: give it to when_raised()
};

struct Usage {
  std::uint32_t in_last_second = 0;
  std::uint64_t used = 0;
  std::int64_t resets_us = 0;  // wall clock
};

class Thresholds {
 public:
  // All three outlive it.
  Thresholds(const Clock& clock, QuotaStore& store, Reclaimer& reclaimer);
  ~Thresholds();

  // --- control thread
  void load(std::span<const QuotaMark> marks);  // once, before the cells are made
  void add(SubscriptionId subscription);        // its own; also nothing when it is there
  void add(SubscriptionId subscription, std::string_view scope);  // of one opening of its plan
  void add(KeyId key, SubscriptionId subscription = {});  // without it the quota is in memory only
  void add_api(std::string_view api);
  // Makes what subscriptions, keys and the plans' openings with limits of their own need. Before
  // the directory's, so that no worker meets a limit without its cell.
  void load(const Entities& entities);
  void apply(const Change& change);
  Result<void> settle();  // after the last request: marks become what was really used

  // --- workers
  Cell* find(SubscriptionId subscription) const;
  Cell* find(SubscriptionId subscription, std::string_view scope) const;
  Cell* find(KeyId key) const;
  Cell* find_api(std::string_view api) const;
  // Whether anything is spent; charges nothing.
  Decision peek(std::span<const Rule> rules) const;
  // Charges every rule, or none.
  Decision take(std::span<const Rule> rules);
  // Calls back on the loop once the cell's mark has been raised or could not be; then take again.
  void when_raised(Cell* cell, Loop& loop, Callback callback);
  Usage usage(const Rule& rule) const;

 private:
  void put(const Subscription& subscription);
  void put(const Plan& plan);
  void put(const ApiKey& key);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sallyport::limit
