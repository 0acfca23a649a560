// What Thresholds keeps: the cells by their keys, the pool, and the marks that were loaded. Inner
// header of limit/thresholds.cc and limit/decision.cc.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/slab.h"
#include "limit/cell.h"
#include "limit/cell_pool.h"
#include "limit/thresholds.h"

namespace sallyport::limit {

// A mark to be raised, or percentages to be told, as they were when the cell was locked: the period
// may turn before the store acts.
struct Raise {
  bool needed = false;
  bool raises = false;  // the cell waits for it
  QuotaMark mark;       // without its names
  std::uint8_t told_before = 0;
  std::uint64_t used = 0;
  std::uint64_t quota = 0;
};

struct CellRecord : FromSlab<CellRecord> {
  CellRecord(CellKey owner, CellName named, bool durable);
  std::uint64_t hash() const { return hash_; }
  const CellKey key;
  const CellName name;
  mutable Cell cell;

 private:
  std::uint64_t hash_;
};

struct Thresholds::State {
  State(const Clock& time, QuotaStore& quota_store, Reclaimer& reclaimer, Settings wanted);

  const CellRecord* find_record(const CellKey& key) const;
  Cell* find(const CellKey& key) const {
    const CellRecord* record = find_record(key);
    return record == nullptr ? nullptr : &record->cell;
  }
  void add(CellKey key, SubscriptionId subscription, std::string mark_scope);
  void send(Cell& cell, const Raise& raise);
  void raised(Cell& cell, const Raise& raise, bool durable);
  // Under the locks of all the rules' cells.
  void decide_locked(std::span<const Rule> rules, std::uint32_t cost, bool charge,
                     std::int64_t wall_us, Decision& decision, std::span<Raise> raises);
  void need_mark(const Rule& rule, std::int64_t now_us, std::uint32_t cost, Decision& decision,
                 Raise& raise) const;
  static void raise_ahead(Cell& cell, std::uint64_t most, std::int64_t now_us, Raise& raise);
  // Notes which percentages of its quota a cell has reached. Under its lock.
  void tell(Cell& cell, std::uint64_t quota, Raise& raise) const;

  const Clock& clock;
  QuotaStore& store;
  const Settings settings;
  Table<CellRecord> cells;
  CellPool pool;
  std::uint64_t pool_key;  // of this process
  std::size_t sweep_cursor = 0;
  std::map<std::pair<SubscriptionId, std::string>, QuotaMark> loaded;
  // Which cells a plan's openings need, for whom.
  struct PlanScopes {
    std::vector<std::string> scopes;
    bool shadow = false;
    std::vector<SubscriptionId> subscriptions;
  };
  std::unordered_map<PlanId, PlanScopes> plans;
  std::unordered_map<SubscriptionId, PlanId> plan_of;
};

// The parts of a mark that are the cell's own. Under its lock.
QuotaMark mark_of(const Quota& quota, std::uint64_t mark);

}  // namespace sallyport::limit
