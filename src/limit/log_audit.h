// Reads an access log and says whether the limits held: whether any interval was over, and whether
// anybody was refused without cause. It knows nothing of the cells; it counts the log's own times
// (decided_us). One thread; a line costs about forty bytes of memory.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/entities.h"
#include "base/result.h"
#include "limit/rule.h"

namespace sallyport::limit {

// Of whom which limits are checked: by holder and name, as the log writes them (ids; an API's
// name).
struct AuditedLimits {
  Holder holder = Holder::Subscription;
  std::string name;
  Limits limits;
};
// One per line: "subscription 0123456789ABCDEF rate=10 burst=20 window=500/10m quota=100/day".
std::string to_line(const AuditedLimits& limits);
Result<AuditedLimits> parse_audited(std::string_view line);

struct AuditFinding {
  Holder holder = Holder::Subscription;
  std::string name;
  std::string rule;  // "10 per 1s, burst 20"
  std::uint64_t admitted = 0;
  std::uint64_t refused = 0;
  std::uint64_t over = 0;
  std::uint64_t wrongly_refused = 0;
  std::string first_fault;
};

struct AuditReport {
  std::uint64_t lines = 0;
  std::uint64_t decided = 0;  // lines with a decision
  std::uint64_t unreadable = 0;
  std::vector<AuditFinding> findings;
  std::uint64_t over() const;
  std::uint64_t wrongly_refused() const;
};

// `log`: lines of JSON, of one start of the machine: its monotonic clock orders them.
AuditReport audit_log(std::istream& log, const std::vector<AuditedLimits>& limits);

}  // namespace sallyport::limit
