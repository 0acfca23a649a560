#include "config/parse_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/encoding.h"

namespace sallyport::config {
namespace {

constexpr std::int64_t kMillion = 1'000'000;

void read_rates(const Scope& scope, sallyport::Limits& limits) {
  scope.integer("rate_per_second", limits.rate_per_second, 0, kMillion * 100);
  scope.integer("burst", limits.burst, 0, kMillion * 100);
  std::vector<std::string> windows;
  scope.texts("rate_windows", windows);
  std::string joined;
  for (const std::string& window : windows) joined += (joined.empty() ? "" : " ") + window;
  if (!read_windows(joined, limits)) {
    scope.fail("rate_windows", "must hold at most two windows like \"500/10m\", of 1s to 1h");
  }
}

void read_each(const Scope& scope, EachLimits& each) {
  read_rates(scope, each.limits);
  scope.boolean("shadow", each.shadow);
}

std::vector<std::string> words_of(std::string_view text, char separator) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

// "messages.create 5" or "GET,POST /reports/** 10".
std::optional<CostRule> parse_cost(const std::string& text) {
  const std::vector<std::string> words = words_of(text, ' ');
  if (words.size() != 2 && words.size() != 3) return std::nullopt;
  CostRule rule;
  const std::string& number = words.back();
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), rule.cost);
  if (error != std::errc() || end != number.data() + number.size() || rule.cost > kMillion) {
    return std::nullopt;
  }
  if (words.size() == 2) {
    rule.operation = words[0];
  } else {
    rule.methods = words_of(words[0], ',');
    rule.pattern = words[1];
  }
  return rule;
}

void read_cost(const Scope& scope, Cost& cost) {
  std::vector<std::string> rules;
  scope.texts("rules", rules);
  for (const std::string& text : rules) {
    if (auto rule = parse_cost(text)) {
      cost.rules.push_back(std::move(*rule));
    } else {
      scope.fail("rules", fmt::format("holds \"{}\", which is neither \"OPERATION COST\" nor "
                                      "\"METHODS PATTERN COST\" with a cost of 0 to 1000000",
                                      text));
    }
  }
  scope.texts("free_methods", cost.free_methods);
  for (const std::string& method : cost.free_methods) {
    if (method != "HEAD" && method != "OPTIONS") {
      scope.fail("free_methods", fmt::format("may hold HEAD and OPTIONS, not \"{}\"", method));
    }
  }
  scope.text("field", cost.field);
  cost.field = ascii_lower(cost.field);
}

}  // namespace

void read_api_limits(const Scope& scope, Api& api) {
  read_rates(scope, api.total);
  scope.integer("concurrency", api.total.concurrency, 0, kMillion);
  scope.boolean("limit_fields", api.limit_fields);
  read_rates(scope.table("shadow"), api.shadow);
  read_each(scope.table("user"), api.user);
  const Scope source = scope.table("source");
  read_each(source, api.source);
  source.integer("ipv4_prefix", api.source.ipv4_prefix, 8, 32);
  source.integer("ipv6_prefix", api.source.ipv6_prefix, 16, 128);
  read_cost(scope.table("cost"), api.cost);
}

void read_thresholds(const Scope& root, Config& config) {
  const Scope scope = root.table("thresholds");
  std::vector<std::string> percents;
  scope.texts("quota_events", percents);
  if (scope.has("quota_events")) config.thresholds.quota_events.clear();
  for (const std::string& text : percents) {
    std::uint8_t percent = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
    const std::vector<std::uint8_t>& known = config.thresholds.quota_events;
    if (error != std::errc() || std::string_view(end) != "%" || percent < 1 || percent > 100 ||
        (!known.empty() && percent <= known.back())) {
      scope.fail("quota_events", "must hold ascending percentages from \"1%\" to \"100%\"");
      break;
    }
    config.thresholds.quota_events.push_back(percent);
  }
  scope.integer("pool", config.thresholds.pool, 8, 4 * kMillion);
}

}  // namespace sallyport::config
