// A check at the doors and what it may answer. A filter is a plain call and changes nothing but the
// context; it may run again for the same request, because after a Wait the whole chain runs from
// its start: so whatever a filter found in a table is looked up anew and nothing stale is believed.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>

#include "auth/password_hash.h"
#include "base/entities.h"
#include "base/loop.h"
#include "base/reason.h"

namespace sallyport::gateway {

struct RequestContext;

struct Continue {};

struct Refusal {
  Reason reason = Reason::InternalError;
  std::int64_t retry_after_s = 0;         // 0: none is told
  QuotaPeriod period = QuotaPeriod::Day;  // OverQuota
};

// What a filter waits for. Shared with whoever brings the result, who may come after the deadline
// and then finds nobody. On the worker's thread only.
struct Pending {
  bool finished = false;
  auth::Verdict verdict = auth::Verdict::Unusable;  // of a password
  Callback wake;                                    // set while the chain waits

  void finish() {
    finished = true;
    if (auto waiting = std::exchange(wake, {})) waiting();
  }
};

struct Wait {
  std::shared_ptr<Pending> pending;
  std::int64_t deadline_us = 0;            // monotonic
  Reason overdue = Reason::InternalError;  // refused with, when it passes
};

using Answer = std::variant<Continue, Refusal, Wait>;

class Filter {
 public:
  virtual ~Filter() = default;
  virtual std::string_view name() const = 0;
  virtual Answer on_request(RequestContext& context) const = 0;
};

}  // namespace sallyport::gateway
