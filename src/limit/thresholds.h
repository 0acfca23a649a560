// Rate, quota and concurrency: cells that workers charge, all or nothing. A cell is found without a
// lock and has a spin lock of its own, held for its loads and stores only; the cells of one
// decision are locked in the order of their addresses. Cells of entities are made by the control
// thread and live as long as this; those of users and source networks come from a pool.
// A quota's mark is raised durably before what it covers is admitted (limit/quota_store.h): who
// meets the end of the mark waits; when the store is away, that is StoreAway, never "over quota".
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/entities.h"
#include "base/loop.h"
#include "base/net.h"
#include "base/table.h"
#include "limit/quota_store.h"
#include "limit/rule.h"
#include "limit/scope.h"

namespace sallyport::limit {

struct Settings {
  std::vector<std::uint8_t> percents = {80, 100};  // of a quota: told as events, ascending
  std::size_t pool_cells = 1'024;                  // of users and source networks
};

class Thresholds {
 public:
  // All three outlive it. `clock.unix_us()` never goes back: see base/durable_clock.h.
  Thresholds(const Clock& clock, QuotaStore& store, Reclaimer& reclaimer, Settings settings = {});
  ~Thresholds();

  // --- control thread
  void load(std::span<const QuotaMark> marks);  // once, before the cells are made
  void add(SubscriptionId subscription);        // its own; also nothing when it is there
  void add(SubscriptionId subscription, std::string_view scope);  // of one opening of its plan
  void add(KeyId key, SubscriptionId subscription = {});  // without it the quota is in memory only
  void add(AccountId account);
  void add_api(std::string_view api);  // and the one of its limits in shadow
  // Makes what subscriptions, keys, accounts and the plans' openings with limits of their own need.
  // Before the directory's, so that no worker meets a limit without its cell.
  void load(const Entities& entities);
  void load(const ApiKey& key) { put(key); }
  void apply(const Change& change);
  Result<void> settle();  // after the last request: marks become what was really used
  // How a quota of a subscription stands; `scope` as in QuotaMark. Nothing without its cell.
  std::optional<QuotaLook> look(SubscriptionId subscription, std::string_view scope,
                                const Limits& limits) const;

  // --- workers
  Cell* find(SubscriptionId subscription) const;
  Cell* find(SubscriptionId subscription, std::string_view scope) const;
  Cell* find(KeyId key) const;
  Cell* find(AccountId account) const;
  Cell* find_shadow(SubscriptionId subscription) const;
  Cell* find_api(std::string_view api) const;
  Cell* find_api_shadow(std::string_view api) const;
  // Of the pool: one user of one API, one source network of one API. The tags are unguessable.
  std::uint64_t tag_of(std::size_t api, UserId user) const;
  std::uint64_t tag_of(std::size_t api, const IpAddress& source, std::uint8_t v4_prefix,
                       std::uint8_t v6_prefix) const;
  void claim(std::span<Rule> rules);  // cells for the rules that have a tag; before take()

  // Whether anything is spent; charges nothing.
  Decision peek(std::span<const Rule> rules, std::uint32_t cost = 1);
  // Charges every rule, or none. Moved: claim() again, then take again.
  Decision take(std::span<const Rule> rules, std::uint32_t cost = 1);
  // A cost that came with the answer, on top of what was taken: counts, and refuses nobody now.
  void charge_more(std::span<const Rule> rules, std::uint32_t cost);
  // Ends what take() counted as in flight, by the rules with a concurrency.
  static void end_flight(Cell& cell);
  // Calls back on the loop once the cell's mark has been raised or could not be; then take again.
  void when_raised(Cell* cell, Loop& loop, Callback callback);
  Usage usage(const Rule& rule) const;
  // How the rules stand, those in shadow left out; as many as fit.
  std::size_t standings(std::span<const Rule> rules, std::span<Standing> out) const;
  // From one worker's tick: gives back what some idle cells hold. A slice of them per call.
  void sweep();

  std::uint64_t pool_shared() const;  // how often a full set made newcomers share a cell

 private:
  void put(const Subscription& subscription);
  void put(const Plan& plan);
  void put(const ApiKey& key);
  void put(const Account& account);
  void change(const QuotaChange& change);
  Decision decide(std::span<const Rule> rules, std::uint32_t cost, bool charge);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sallyport::limit
