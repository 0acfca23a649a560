// What the candidates of `role shadow` would have answered; for the log and the metrics alone. A
// value, on the connection's worker.
#pragma once

#include "base/id.h"
#include "telemetry/access_log.h"

namespace sallyport::gateway {

struct ShadowResult {
  telemetry::Shadow verdict = telemetry::Shadow::None;
  RoleId role;  // the one that decided; none = no role would permit it
};

}  // namespace sallyport::gateway
