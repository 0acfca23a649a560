// One request's line in the access log: begun at arrival, written at the end, always. Names and ids
// only; of the query the names, and of those none that could be a secret. One per connection, used
// again for each request; its strings keep their capacity. On the connection's worker.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "gateway/request_context.h"
#include "http/exchange.h"
#include "telemetry/access_log.h"

namespace sallyport::gateway {

class RequestLog {
 public:
  void begin(const Clock& clock, const http::Request& request);
  void begin(const Clock& clock, const http::BrokenHead& broken);
  void finish(const RequestContext& context, const http::Outcome& outcome,
              telemetry::AccessLog& log);
  std::int64_t duration_us() const { return entry_.duration_us; }

 private:
  void clear();

  telemetry::AccessEntry entry_;
  std::int64_t arrival_us_ = 0;
  std::string request_id_;  // of a broken head, whose views end with the call
  std::string query_names_;
};

}  // namespace sallyport::gateway
