#include "limit/scope.h"

namespace sallyport::limit {

void append_scope(std::string& out, const Match& match) {
  out += match.api;
  out += '/';
  if (!match.operation.empty()) {
    out += match.operation;
    return;
  }
  for (std::size_t i = 0; i < match.methods.size(); ++i) {
    if (i != 0) out += ',';
    out += match.methods[i];
  }
  out += ' ';
  out += match.pattern;
}

std::uint64_t scope_hash(std::string_view scope) {
  if (scope.empty()) return 0;
  std::uint64_t value = 0xCBF29CE484222325ULL;  // FNV-1a, then mixed
  for (const char c : scope) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

Limits resolved(const Limits& plan, const Limits* overrides) {
  Limits limits = plan;
  if (overrides == nullptr) return limits;
  if (overrides->rate_per_second) {
    limits.rate_per_second = overrides->rate_per_second;
    limits.burst = overrides->burst;
  }
  if (overrides->windows[0].seconds != 0) limits.windows = overrides->windows;
  if (overrides->quota) {
    limits.quota = overrides->quota;
    limits.quota_period = overrides->quota_period;
    limits.quota_anchor = overrides->quota_anchor;
  }
  if (overrides->quota_zone) limits.quota_zone = overrides->quota_zone;
  if (overrides->concurrency) limits.concurrency = overrides->concurrency;
  return limits;
}

void take_out(Limits& limits, const Limits& own) {
  if (own.rate_per_second) {
    limits.rate_per_second.reset();
    limits.burst.reset();
  }
  if (own.windows[0].seconds != 0) limits.windows = {};
  if (own.quota) limits.quota.reset();
  if (own.concurrency) limits.concurrency.reset();
}

}  // namespace sallyport::limit
