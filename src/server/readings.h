// What /metrics tells beside the workers' own counters: deliveries, store, hash pool, log, reloads.
// Registered once, before the first scrape; what is read outlives the metrics.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>

#include "auth/token/signature_checks.h"
#include "auth/verifier.h"
#include "config/channels.h"
#include "messaging/channels/smpp/counters.h"
#include "messaging/scheduler.h"
#include "proxy/upstreams.h"
#include "server/token_issuers.h"
#include "storage/store.h"
#include "telemetry/access_log.h"
#include "telemetry/metrics.h"

namespace sallyport::server {

class Deliveries;

struct ReloadCounters {
  std::atomic<std::uint64_t> generation = 1;  // of the configuration in force
  std::atomic<std::uint64_t> done = 0;
  std::atomic<std::uint64_t> refused = 0;
};

void register_deliveries(telemetry::Metrics& metrics, const messaging::DeliveryCounters& counters);
// The same, and those of the binds.
void register_deliveries(telemetry::Metrics& metrics, const config::SmsChannel& settings,
                         const Deliveries& deliveries);
// By bind, in the order of the settings.
void register_binds(telemetry::Metrics& metrics, const config::SmsChannel& settings,
                    const std::deque<messaging::SmppCounters>& counters);
// Those of the start; what comes with a reload is not among them.
void register_upstreams(telemetry::Metrics& metrics, const proxy::Upstreams& upstreams);
void register_store(telemetry::Metrics& metrics, const storage::Store& store);
void register_hashes(telemetry::Metrics& metrics, const auth::Verifier& verifier);
void register_tokens(telemetry::Metrics& metrics, const auth::SignatureChecks& signatures,
                     const TokenIssuers& issuers);
void register_access_log(telemetry::Metrics& metrics, const telemetry::AccessFile& file);
void register_reloads(telemetry::Metrics& metrics, const ReloadCounters& counters);

}  // namespace sallyport::server
