// A named group of endpoints as all workers share it: where they are, whether they may be used, our
// credential, counters. Made at the start; addresses change when names are looked up again, health
// when a check or a request says so. What the warm path reads are atomics that change rarely.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/net.h"
#include "base/result.h"
#include "base/secret.h"
#include "config/upstream.h"
#include "proxy/tls_client_context.h"

namespace sallyport::proxy {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;  // 0 = not known
};

// What the metrics tell of an upstream; outlives a reload.
struct Counters {
  std::atomic<std::uint64_t> connects = 0, connect_failures = 0, retries = 0, ejections = 0,
                             surplus = 0;
  std::atomic<std::uint64_t> usable = 0;  // endpoints, as a worker saw it last
};

class Upstream {
 public:
  // Reads what the settings name: certificates, the secret. Looks nothing up.
  static Result<std::unique_ptr<Upstream>> open(const config::Upstream& settings,
                                                const Clock& clock,
                                                std::shared_ptr<Counters> counters = nullptr);

  const config::Upstream& settings() const { return settings_; }
  std::size_t size() const { return states_.size(); }
  std::string_view credential() const { return credential_.reveal(); }
  const TlsClientContext* tls() const { return tls_.get(); }
  const std::string& tls_name(std::size_t endpoint) const;

  // Blocking look-ups of the names among the endpoints; not on a worker. What cannot be found keeps
  // the addresses it had.
  void resolve();
  bool has_names() const;
  SocketAddress address(std::size_t endpoint);  // one after the other, when it has several

  // Any worker.
  bool is_usable(std::size_t endpoint, std::int64_t now_us) const;
  void note_success(std::size_t endpoint);
  void note_failure(std::size_t endpoint, std::int64_t now_us);
  // It said more than it was asked: for a while each of its connections serves one request only,
  // because what comes too late is not told from the next one's answer.
  void note_surplus(std::size_t endpoint, std::int64_t now_us);
  bool is_trusted(std::size_t endpoint, std::int64_t now_us) const;
  // The one who checks; a run of equal results decides.
  void note_check(std::size_t endpoint, bool good);

  // What the breaker lets be in flight, of all workers together: a worker takes some and gives them
  // back. Fewer than `most`, down to none, when others have them.
  std::uint32_t take_permits(std::uint32_t most);
  void give_permits(std::uint32_t count) { permits_.fetch_add(count, std::memory_order_relaxed); }

  Counters& counters() { return *counters_; }
  std::shared_ptr<Counters> shared_counters() const { return counters_; }
  void count_usable();

 private:
  struct State {
    std::atomic<std::int64_t> ejected_until_us = 0;
    std::atomic<std::uint32_t> failures = 0;  // in a row
    std::atomic<bool> unhealthy = false;      // says the active check
    std::atomic<std::int64_t> distrusted_until_us = 0;
    std::uint32_t checks = 0;          // in a row against what `unhealthy` says
    std::vector<IpAddress> addresses;  // under mutex_
    std::size_t next_address = 0;      // under mutex_
  };
  Upstream(const config::Upstream& settings, const Clock& clock,
           std::shared_ptr<Counters> counters);

  const config::Upstream settings_;
  const Clock& clock_;
  std::shared_ptr<Counters> counters_;
  std::unique_ptr<TlsClientContext> tls_;
  Secret credential_;
  std::vector<std::unique_ptr<State>> states_;
  std::mutex mutex_;  // of addresses and of ejecting; never taken by a request that finds all well
  alignas(64) std::atomic<std::uint32_t> permits_;
};

}  // namespace sallyport::proxy
