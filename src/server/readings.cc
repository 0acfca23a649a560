#include "server/readings.h"

#include <fmt/format.h>

#include "server/deliveries.h"

namespace sallyport::server {
namespace {

template <class Integer>
auto reading(const std::atomic<Integer>& counter) {
  return [&counter] { return static_cast<double>(counter.load(std::memory_order_relaxed)); };
}

// Prometheus text format 0.0.4: what a label's value may not hold as it is.
std::string label_value(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

}  // namespace

void register_deliveries(telemetry::Metrics& metrics, const messaging::DeliveryCounters& counters) {
  const auto add = [&metrics](const char* result, const std::atomic<std::uint64_t>& counter) {
    metrics.add_counter(fmt::format("sallyport_deliveries_total{{result=\"{}\"}}", result),
                        "Attempts by how they ended, one per recipient.", reading(counter));
  };
  add("sent", counters.sent);
  add("deferred", counters.deferred);
  add("failed", counters.failed);
  add("in_doubt", counters.in_doubt);
  metrics.add_gauge("sallyport_deliveries_active", "Attempts in flight.", reading(counters.active));
  metrics.add_gauge("sallyport_deliveries_waiting",
                    "Recipients in hand that wait for their destination's turn.",
                    reading(counters.waiting));
}

void register_binds(telemetry::Metrics& metrics, const config::SmsChannel& settings,
                    const std::deque<messaging::SmppCounters>& counters) {
  using messaging::SmppCounters;
  using Gauge = std::atomic<std::int64_t> SmppCounters::*;
  using Counter = std::atomic<std::uint64_t> SmppCounters::*;
  struct Row {
    const char* label;
    Counter of;
  };
  const auto name_of = [&settings](const char* name, std::size_t bind, const char* label) {
    return fmt::format("{}{{bind=\"{}\"{}}}", name, label_value(settings.binds[bind].name), label);
  };
  const auto add_gauge = [&](const char* name, const char* help, Gauge of) {
    for (std::size_t i = 0; i < counters.size(); ++i) {
      metrics.add_gauge(name_of(name, i, ""), help, reading(counters[i].*of));
    }
  };
  const auto add = [&](const char* name, const char* help, std::initializer_list<Row> rows) {
    for (std::size_t i = 0; i < counters.size(); ++i) {
      for (const Row& row : rows) {
        metrics.add_counter(name_of(name, i, row.label), help, reading(counters[i].*row.of));
      }
    }
  };
  add_gauge("sallyport_smpp_bound", "1 while the bind is up.", &SmppCounters::bound);
  add_gauge("sallyport_smpp_window", "Submissions that the SMSC has not answered yet.",
            &SmppCounters::window);
  add("sallyport_smpp_binds_total", "Binds made.", {{"", &SmppCounters::binds}});
  add("sallyport_smpp_submits_total", "Submissions by how they ended.",
      {{",result=\"accepted\"", &SmppCounters::accepted},
       {",result=\"refused\"", &SmppCounters::refused},
       {",result=\"deferred\"", &SmppCounters::deferred},
       {",result=\"throttled\"", &SmppCounters::throttled},
       {",result=\"in_doubt\"", &SmppCounters::in_doubt}});
  add("sallyport_smpp_delivers_total", "What the SMSC has delivered.",
      {{",kind=\"receipt\"", &SmppCounters::receipts},
       {",kind=\"incoming\"", &SmppCounters::incoming}});
}

void register_deliveries(telemetry::Metrics& metrics, const config::SmsChannel& settings,
                         const Deliveries& deliveries) {
  register_deliveries(metrics, deliveries.counters());
  if (deliveries.smsc() != nullptr) {
    register_binds(metrics, settings, deliveries.smsc()->counters());
  }
}

void register_store(telemetry::Metrics& metrics, const storage::Store& store) {
  metrics.add_gauge("sallyport_store_writable", "1 when the last commit succeeded.",
                    [&store] { return store.writable() ? 1.0 : 0.0; });
  metrics.add_gauge("sallyport_store_queue", "Writes that wait for a commit.",
                    [&store] { return static_cast<double>(store.queued()); });
}

void register_upstreams(telemetry::Metrics& metrics, const proxy::Upstreams& upstreams) {
  using Counter = std::atomic<std::uint64_t> proxy::Counters::*;
  const auto add = [&](const char* name, const char* help, Counter of, bool gauge) {
    for (const auto& upstream : upstreams.list()) {
      std::string full = fmt::format("{}{{upstream=\"{}\"}}", name, upstream->settings().name);
      auto read = [counters = upstream->shared_counters(), of] {
        return static_cast<double>(((*counters).*of).load(std::memory_order_relaxed));
      };
      if (gauge) {
        metrics.add_gauge(std::move(full), help, std::move(read));
      } else {
        metrics.add_counter(std::move(full), help, std::move(read));
      }
    }
  };
  add("sallyport_upstream_connects_total", "Connections begun to the upstream.",
      &proxy::Counters::connects, false);
  add("sallyport_upstream_connect_failures_total", "Of these, those that failed.",
      &proxy::Counters::connect_failures, false);
  add("sallyport_upstream_retries_total", "Further tries of a request.", &proxy::Counters::retries,
      false);
  add("sallyport_upstream_ejections_total", "Endpoints taken out for a while.",
      &proxy::Counters::ejections, false);
  add("sallyport_upstream_surplus_total",
      "Connections dropped because the upstream said more than it was asked.",
      &proxy::Counters::surplus, false);
  add("sallyport_upstream_usable_endpoints", "Endpoints that may be used now.",
      &proxy::Counters::usable, true);
}

void register_hashes(telemetry::Metrics& metrics, const auth::Verifier& verifier) {
  metrics.add_gauge("sallyport_hash_queue", "Passwords that wait to be verified.",
                    [&verifier] { return static_cast<double>(verifier.waiting()); });
  metrics.add_counter("sallyport_hashes_total", "Passwords verified the slow way.",
                      [&verifier] { return static_cast<double>(verifier.hashed()); });
  metrics.add_counter(
      "sallyport_unproven_cpu_seconds_total", "CPU spent on passwords from unfamiliar sources.",
      [&verifier] { return static_cast<double>(verifier.unproven_cpu_us()) / 1e6; });
}

void register_tokens(telemetry::Metrics& metrics, const auth::SignatureChecks& signatures,
                     const TokenIssuers& issuers) {
  metrics.add_gauge("sallyport_signature_queue", "Tokens that wait to be verified.",
                    [&signatures] { return static_cast<double>(signatures.waiting()); });
  metrics.add_counter("sallyport_signatures_total", "Tokens whose signature was verified.",
                      [&signatures] { return static_cast<double>(signatures.checked()); });
  metrics.add_counter("sallyport_issuer_failures_total",
                      "Times that an outside issuer's public keys could not be had.",
                      [&issuers] { return static_cast<double>(issuers.failures()); });
}

void register_access_log(telemetry::Metrics& metrics, const telemetry::AccessFile& file) {
  metrics.add_counter("sallyport_access_log_dropped_total",
                      "Lines of the access log that could not be written.",
                      [&file] { return static_cast<double>(file.dropped()); });
}

void register_reloads(telemetry::Metrics& metrics, const ReloadCounters& counters) {
  metrics.add_gauge("sallyport_config_generation",
                    "Number of the configuration in force; 1 is the start's.",
                    reading(counters.generation));
  metrics.add_counter("sallyport_config_reloads_total{result=\"done\"}",
                      "Reloads by how they ended.", reading(counters.done));
  metrics.add_counter("sallyport_config_reloads_total{result=\"refused\"}",
                      "Reloads by how they ended.", reading(counters.refused));
}

}  // namespace sallyport::server
