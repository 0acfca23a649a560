#include "telemetry/metrics.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

namespace sallyport::telemetry {
namespace {

// Upper bounds of the duration histogram; a request that waits for Argon2id takes about 20 ms, a
// refusal at the user's door 100.
constexpr std::int64_t kDurationBounds_us[] = {100,     250,     500,       1'000,    2'500,
                                               5'000,   10'000,  25'000,    50'000,   100'000,
                                               250'000, 500'000, 1'000'000, 5'000'000};
constexpr std::size_t kBuckets = std::size(kDurationBounds_us) + 1;

// A shard has one writer, so a load and a store are enough; the scrape may read between them.
template <class T>
void bump(std::atomic<T>& counter, T by) {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

void head(std::string& out, std::string_view name, std::string_view help, std::string_view type) {
  fmt::format_to(std::back_inserter(out), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
}

}  // namespace

Shard::Shard(std::size_t apis)
    : requests((apis + 1) * kReasonCount),
      durations(kBuckets),
      shadows((apis + 1) * kShadowCount) {}

void Shard::count_shadow(std::size_t api, Shadow shadow) {
  if (shadow == Shadow::None) return;
  bump<std::uint64_t>(shadows[api * kShadowCount + static_cast<std::size_t>(shadow)], 1);
}

void Shard::count_request(std::size_t api, Reason reason, std::int64_t duration_us) {
  bump<std::uint64_t>(requests[api * kReasonCount + static_cast<std::size_t>(reason)], 1);
  std::size_t bucket = 0;
  while (bucket + 1 < kBuckets && duration_us > kDurationBounds_us[bucket]) ++bucket;
  bump<std::uint64_t>(durations[bucket], 1);
  bump<std::uint64_t>(duration_sum_us,
                      duration_us > 0 ? static_cast<std::uint64_t>(duration_us) : 0);
}

Metrics::Metrics(std::vector<std::string> apis, std::size_t workers)
    : apis_(std::move(apis)), room_(apis_.size() + kRoomForApis) {
  apis_.insert(apis_.begin(), "none");
  for (std::size_t i = 0; i < workers; ++i) shards_.push_back(std::make_unique<Shard>(room_));
}

bool Metrics::has_room_for(std::size_t apis) const { return apis <= room_; }

void Metrics::name_apis(const std::vector<std::string>& apis) {
  const std::scoped_lock naming(naming_);
  apis_.assign(apis.begin(), apis.end());
  apis_.insert(apis_.begin(), "none");
}

void Metrics::add_gauge(std::string name, std::string help, std::function<double()> read) {
  readings_.push_back({std::move(name), std::move(help), "gauge", std::move(read)});
}

void Metrics::add_counter(std::string name, std::string help, std::function<double()> read) {
  readings_.push_back({std::move(name), std::move(help), "counter", std::move(read)});
}

std::string Metrics::render() const {
  std::string out;
  auto sum = [this](auto member) {
    double total = 0;
    for (const auto& shard : shards_) {
      total += static_cast<double>(((*shard).*member).load(std::memory_order_relaxed));
    }
    return total;
  };
  const std::vector<std::string> apis = [this] {
    const std::scoped_lock naming(naming_);
    return apis_;
  }();
  head(out, "sallyport_requests_total", "Requests by API and by how they ended.", "counter");
  for (std::size_t api = 0; api < apis.size(); ++api) {
    for (std::size_t reason = 0; reason < kReasonCount; ++reason) {
      std::uint64_t total = 0;
      for (const auto& shard : shards_) {
        total += shard->requests[api * kReasonCount + reason].load(std::memory_order_relaxed);
      }
      if (total == 0) continue;
      fmt::format_to(std::back_inserter(out),
                     "sallyport_requests_total{{api=\"{}\",reason=\"{}\"}} {}\n", apis[api],
                     to_string(static_cast<Reason>(reason)), total);
    }
  }
  head(out, "sallyport_shadow_decisions_total",
       "Requests on which a candidate of `role shadow` was asked, by what it would have changed.",
       "counter");
  for (std::size_t api = 0; api < apis.size(); ++api) {
    for (const Shadow shadow : {Shadow::Same, Shadow::WouldAllow, Shadow::WouldDeny}) {
      std::uint64_t total = 0;
      for (const auto& shard : shards_) {
        total += shard->shadows[api * kShadowCount + static_cast<std::size_t>(shadow)].load(
            std::memory_order_relaxed);
      }
      if (total == 0) continue;
      fmt::format_to(std::back_inserter(out),
                     "sallyport_shadow_decisions_total{{api=\"{}\",result=\"{}\"}} {}\n", apis[api],
                     to_string(shadow), total);
    }
  }
  head(out, "sallyport_request_duration_seconds", "From the head's end to the answer's.",
       "histogram");
  std::uint64_t cumulative = 0;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    for (const auto& shard : shards_) {
      cumulative += shard->durations[bucket].load(std::memory_order_relaxed);
    }
    const std::string bound =
        bucket + 1 < kBuckets
            ? fmt::format("{}", static_cast<double>(kDurationBounds_us[bucket]) / 1e6)
            : "+Inf";
    fmt::format_to(std::back_inserter(out),
                   "sallyport_request_duration_seconds_bucket{{le=\"{}\"}} {}\n", bound,
                   cumulative);
  }
  fmt::format_to(std::back_inserter(out),
                 "sallyport_request_duration_seconds_sum {}\n"
                 "sallyport_request_duration_seconds_count {}\n",
                 sum(&Shard::duration_sum_us) / 1e6, cumulative);
  auto one = [&out](std::string_view name, std::string_view help, std::string_view type,
                    double value) {
    head(out, name, help, type);
    fmt::format_to(std::back_inserter(out), "{} {}\n", name, value);
  };
  one("sallyport_connections_accepted_total", "Connections accepted.", "counter",
      sum(&Shard::connections_accepted));
  one("sallyport_connections_refused_total", "Connections closed at once: the limit is reached.",
      "counter", sum(&Shard::connections_refused));
  one("sallyport_connections_turned_away_total",
      "Connections closed unheard: too many of one source, or a wrong PROXY header.", "counter",
      sum(&Shard::connections_turned_away));
  one("sallyport_connections_open", "Connections open now.", "gauge",
      sum(&Shard::connections_open));
  one("sallyport_tls_handshakes_failed_total", "TLS handshakes that failed.", "counter",
      sum(&Shard::tls_handshakes_failed));
  std::string_view previous;
  for (const Reading& reading : readings_) {
    // A name may carry labels; its family is announced once.
    const std::string_view family =
        std::string_view(reading.name).substr(0, reading.name.find('{'));
    if (family != previous) head(out, family, reading.help, reading.type);
    previous = family;
    fmt::format_to(std::back_inserter(out), "{} {}\n", reading.name, reading.read());
  }
  return out;
}

}  // namespace sallyport::telemetry
