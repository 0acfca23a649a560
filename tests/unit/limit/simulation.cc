#include "simulation.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/calendar.h"
#include "base/durable_clock.h"
#include "base/random.h"
#include "limit/interval_audit.h"
#include "limit/thresholds.h"
#include "memory_quota_store.h"

namespace sallyport::limit {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr const char* kZones[] = {
    "UTC",          "Europe/Berlin", "Australia/Lord_Howe", "America/Havana",
    "Asia/Kolkata", "Pacific/Apia"};
// Around the European autumn change, a leap day, a year's end.
constexpr std::int64_t kStarts[] = {1'792'886'400, 1'835'308'800, 1'798'675'200};

// One holder of limits: its rule, and what judges it.
struct Holder1 {
  Rule rule;
  std::optional<IntervalAudit> second;
  std::optional<IntervalAudit> window;
  std::int64_t period_end_us = 0;
  std::uint64_t in_period = 0;
  std::uint64_t in_flight = 0;
};

class World {
 public:
  explicit World(std::uint64_t seed)
      : random_(seed),
        machine_(kStarts[seed % 3] * kSecond),
        clock_(machine_, 0),
        thresholds_(
            std::make_unique<Thresholds>(clock_, store_, reclaimer_, Settings{{80, 100}, 64})) {
    thresholds_->add_api("api");
    add({}, thresholds_->find_api("api"), Holder::Api, Reason::ServiceOverRate, 200);
    thresholds_->add(AccountId{1});
    add({}, thresholds_->find(AccountId{1}), Holder::Account, Reason::AccountOverRate, 100);
    for (std::uint64_t i = 1; i <= 4; ++i) {
      thresholds_->add(SubscriptionId{i});
      add({}, thresholds_->find(SubscriptionId{i}), Holder::Subscription, Reason::OverRate, 50);
      thresholds_->add(KeyId{i}, SubscriptionId{i});
      add({}, thresholds_->find(KeyId{i}), Holder::Key, Reason::OverRate, 40);
    }
    for (std::uint64_t i = 1; i <= 3; ++i) {
      add({}, nullptr, Holder::User, Reason::UserOverRate, 30);
      holders_.back().rule.tag = thresholds_->tag_of(0, UserId{i});
      holders_.back().rule.limits.quota.reset();
    }
  }

  SimulationReport run(std::uint64_t requests) {
    SimulationReport report;
    for (; report.requests < requests; ++report.requests) {
      pass_time();
      step(report);
    }
    for (Holder1& holder : holders_) {
      for (const auto* audit : {&holder.second, &holder.window}) {
        if (!audit->has_value()) continue;
        report.over += (*audit)->over();
        report.wrongly_refused += (*audit)->wrongly_refused();
        if (report.first_fault.empty()) report.first_fault = (*audit)->first_fault();
      }
    }
    return report;
  }

 private:
  void add(Limits limits, Cell* cell, Holder holder, Reason reason, std::uint32_t scale) {
    const auto number = [&](std::uint32_t most) {
      return static_cast<std::uint32_t>(1 + random_.below(most));
    };
    const auto kind = random_.below(4);
    if (kind == 0 || kind == 2) {
      limits.rate_per_second = number(scale);
      if (random_.below(2) == 0) {
        limits.burst = *limits.rate_per_second + static_cast<std::uint32_t>(random_.below(scale));
      }
    } else if (kind == 1) {
      limits.windows[0] = {number(scale * 20), number(random_.below(2) == 0 ? 3 : 3'600)};
    }
    const bool durable = holder == Holder::Subscription || holder == Holder::Key;
    if (durable && random_.below(2) == 0) {
      limits.quota = number(2'000);
      limits.quota_period = static_cast<QuotaPeriod>(random_.below(4));
      limits.quota_anchor = static_cast<std::uint8_t>(
          limits.quota_period == QuotaPeriod::Month ? 1 + random_.below(31) : 1);
      limits.quota_zone = *find_zone(kZones[random_.below(std::size(kZones))]);
    }
    if (random_.below(4) == 0) limits.concurrency = number(5);
    if (holder == Holder::User) limits.concurrency.reset();
    Holder1& made = holders_.emplace_back();
    made.rule = {cell, limits, reason, holder, false, 0};
    if (limits.rate_per_second) {
      made.second.emplace(
          RateRule{*limits.rate_per_second, limits.burst.value_or(*limits.rate_per_second), 1});
    }
    if (limits.windows[0].seconds != 0) {
      const WindowLimit& window = limits.windows[0];
      made.window.emplace(RateRule{window.count, window.count, window.seconds});
    }
  }

  // From a microsecond to a quarter of an hour; now and then onto the edge of a counter or of a
  // period; and sometimes the wall clock is set, or the machine sleeps.
  void pass_time() {
    constexpr std::uint64_t kScales[] = {2, 50, 1'000, 20'000, 100'000, 1'000'000};
    auto us = static_cast<std::int64_t>(random_.below(kScales[random_.below(6)]));
    if (random_.below(500) == 0) us = static_cast<std::int64_t>(random_.below(900 * kSecond));
    if (random_.below(6) == 0) {
      const std::int64_t now = machine_.monotonic_us();
      us = 20'000 - now % 20'000 + static_cast<std::int64_t>(random_.below(3)) - 1;
    }
    if (random_.below(50) == 0) us = kSecond + static_cast<std::int64_t>(random_.below(40'000));
    machine_.advance_us(std::max<std::int64_t>(0, us));
    if (random_.below(5'000) == 0) {
      machine_.step_wall_us(static_cast<std::int64_t>(random_.below(7'200 * kSecond)) -
                            3'600 * kSecond);
    }
    if (random_.below(5'000) == 0) {
      machine_.suspend_us(static_cast<std::int64_t>(random_.below(86'400 * kSecond)));
    }
    if (random_.below(20) == 0) clock_.tick();
    // An operator moves somebody to another zone, or another period.
    if (random_.below(2'000) == 0) {
      Holder1& holder = holders_[random_.below(holders_.size())];
      if (holder.rule.limits.quota) {
        holder.rule.limits.quota_zone = *find_zone(kZones[random_.below(std::size(kZones))]);
        holder.rule.limits.quota_period = static_cast<QuotaPeriod>(random_.below(4));
        holder.rule.limits.quota_anchor = 1;
      }
    }
  }

  void step(SimulationReport& report) {
    end_some_flights();
    const std::size_t one = random_.below(4);
    std::vector<Holder1*> asked = {&holders_[0], &holders_[1], &holders_[2 + one * 2],
                                   &holders_[3 + one * 2]};
    if (random_.below(2) == 0) asked.push_back(&holders_[10 + random_.below(3)]);
    std::vector<Rule> rules;
    for (const Holder1* holder : asked) {
      if (!holder->rule.limits.empty()) rules.push_back(holder->rule);
    }
    std::erase_if(asked, [](const Holder1* holder) { return holder->rule.limits.empty(); });
    const std::uint32_t cost =
        random_.below(20) == 0 ? 1 + static_cast<std::uint32_t>(random_.below(3)) : 1;
    Decision decision;
    for (;;) {
      thresholds_->claim(rules);
      decision = thresholds_->take(rules, cost);
      // The store answers at once: whoever waited is let in at the next try.
      if (decision.kind != Decision::Kind::Wait && decision.kind != Decision::Kind::Moved) break;
    }
    const bool admitted = decision.kind == Decision::Kind::Admitted;
    report.admitted += admitted ? 1 : 0;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      judge(report, *asked[i], decision, admitted, cost);
    }
    if (admitted) {
      for (std::size_t i = 0; i < asked.size(); ++i) {
        if (!asked[i]->rule.limits.concurrency) continue;
        ++asked[i]->in_flight;
        flying_.push_back({asked[i], rules[i].cell});
      }
    }
  }

  void judge(SimulationReport& report, Holder1& holder, const Decision& decision, bool admitted,
             std::uint32_t cost) {
    const bool named = !admitted && decision.holder == holder.rule.holder;
    const bool by_rate = named && decision.reason == holder.rule.over_rate;
    if (holder.second) holder.second->decided(decision.decided_us, admitted, by_rate, cost);
    if (holder.window) holder.window->decided(decision.decided_us, admitted, by_rate, cost);
    if (holder.rule.limits.concurrency) {
      const bool full = holder.in_flight >= *holder.rule.limits.concurrency;
      if (admitted && full) fault(report, report.over, "too many in flight");
      const bool said = named && (decision.reason == Reason::OverConcurrency ||
                                  decision.reason == Reason::ServiceOverConcurrency);
      if (said && !full) fault(report, report.wrongly_refused, "not so many in flight");
    }
    if (!holder.rule.limits.quota) return;
    turn(report, holder);
    if (admitted) {
      holder.in_period += cost;
      if (holder.in_period > *holder.rule.limits.quota) fault(report, report.over, "over quota");
    } else if (named && decision.reason == Reason::OverQuota &&
               holder.in_period + cost <= *holder.rule.limits.quota) {
      fault(report, report.wrongly_refused, "quota was left");
    }
  }

  // The calendar as it must be: the new rule's period once the old one has ended.
  void turn(SimulationReport& report, Holder1& holder) {
    const std::int64_t wall_us = clock_.unix_us();
    if (holder.period_end_us != 0 && wall_us < holder.period_end_us) return;
    const Limits& limits = holder.rule.limits;
    holder.period_end_us =
        period_of(limits.quota_zone, limits.quota_period, limits.quota_anchor, wall_us).end_us;
    holder.in_period = 0;
    ++report.periods;
  }

  void end_some_flights() {
    while (!flying_.empty() && random_.below(2) == 0) {
      const std::size_t one = random_.below(flying_.size());
      --flying_[one].holder->in_flight;
      Thresholds::end_flight(*flying_[one].cell);
      flying_[one] = flying_.back();
      flying_.pop_back();
    }
  }

  static void fault(SimulationReport& report, std::uint64_t& counter, const char* what) {
    ++counter;
    if (report.first_fault.empty()) report.first_fault = what;
  }

  struct Flight {
    Holder1* holder;
    Cell* cell;
  };

  SeededRandom random_;
  ManualClock machine_;
  DurableClock clock_;
  MemoryQuotaStore store_;
  ImmediateReclaimer reclaimer_;
  std::unique_ptr<Thresholds> thresholds_;
  std::vector<Holder1> holders_;
  std::vector<Flight> flying_;
};

}  // namespace

SimulationReport simulate(std::uint64_t seed, std::uint64_t requests) {
  return World(seed).run(requests);
}

}  // namespace sallyport::limit
