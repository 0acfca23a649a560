// The configuration as typed values with every default. Parsed once from sallyport.toml, checked
// whole, then immutable. Relative paths are relative to the folder of the file. Every key is
// documented in docs/configuration.md under the name given in config/keys.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/entities.h"
#include "base/net.h"
#include "config/access.h"
#include "config/api_limits.h"
#include "config/channels.h"
#include "config/host_tls.h"
#include "config/key_locations.h"
#include "config/tokens.h"
#include "config/upstream.h"

namespace sallyport::config {

enum class ListenerKind : std::uint8_t { Tls, Refuse, Trusted };

struct Listener {
  ListenerKind kind = ListenerKind::Tls;
  std::string address = "127.0.0.1";  // an IP address; of a trusted one also "unix:/path"
  std::uint16_t port = 0;             // 0 = the system chooses
  std::string certificate;            // PEM chain; tls only
  std::string key;                    // PEM; tls only
  std::string ocsp_response;          // DER, stapled; tls only
  std::vector<Network> trusted_networks;
  std::vector<Network> proxy_protocol_from;  // peers that begin with a PROXY header
};

struct Server {
  std::uint32_t workers = 0;     // 0 = one per core
  milliseconds shed_after{500};  // lag of a worker's loop; 0 = nobody is refused for it
  std::uint32_t max_connections = 20'000;
  std::uint32_t max_connections_per_source = 0;  // 0 = three quarters of max_connections
  milliseconds drain_timeout{30'000};
};

// Oversize is refused before any rule runs.
struct Limits {
  std::uint32_t head_bytes = 16 * 1024;
  std::uint32_t head_fields = 100;
  std::uint32_t target_bytes = 8 * 1024;
  std::uint64_t body_bytes = 16ULL * 1024 * 1024;
  milliseconds handshake_timeout{10'000};
  milliseconds head_timeout{10'000};  // from the first byte to the end of the head
  milliseconds idle_timeout{75'000};  // keep-alive between requests
  milliseconds body_timeout{30'000};  // without a byte of the body
  milliseconds body_total_timeout{300'000};
  milliseconds write_timeout{30'000};  // without progress
};

struct Telemetry {
  bool enabled = true;
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::vector<std::string> hosts;  // accepted in Host beside the loopback names
};

struct AccessLog {
  std::string path = "access.log";
  bool require_log = false;
};

struct Auth {
  std::uint32_t argon2_memory_kib = 19'456;
  std::uint32_t argon2_passes = 2;
  std::uint32_t argon2_lanes = 1;
  std::uint32_t hash_threads = 1;
  std::uint32_t hash_queue = 1'000;
  std::uint32_t unproven_cpu_percent = 50;  // of one core, for passwords of unfamiliar sources
  std::uint32_t refusals_per_second = 5;    // of the user's door, per (key, source network)
  std::uint32_t refusals_burst = 20;
  // Wrong passwords before there is one try per step; 0: not counted.
  std::uint32_t failures_per_pair = 10;     // (name, key, source network)
  std::uint32_t failures_per_source = 100;  // over all names
  std::uint32_t failures_per_name = 30;     // over all sources unfamiliar to it
};

enum class Profile : std::uint8_t { Classic, Modern };

struct VirtualHost {
  std::string host;        // lower case
  std::string public_url;  // without a trailing slash; empty = https://host[:port of the listener]
  UpstreamChoice upstream = {};
  std::optional<Environment> environment = std::nullopt;  // only its keys are let in
  HostTls tls = {};
};

struct Api {
  std::string name;
  Profile profile = Profile::Classic;
  std::string realm;   // default: name
  std::string engine;  // "messaging"; empty = its routes lead to upstreams
  UpstreamChoice upstream = {};
  std::vector<Route> routes;  // with an upstream at least one
  Cors cors;
  std::vector<VirtualHost> hosts;
  KeyLocations key;
  sallyport::Limits total, shadow;  // of all callers together; the second is only counted
  EachLimits user, source;
  Cost cost;
  bool limit_fields = false;  // answers tell how the limits stand
  bool maintenance = false;
  bool compat_596 = false;
  std::vector<std::string> allowed_origins;  // of unsafe cross-site requests
  bool disclose_key_state = false;           // X-Error-Reason for who presents a key that matches
  bool whoami = true;                        // GET /whoami is answered at the doors
  Access access;
  std::vector<std::string> accounts;  // where user names are looked up when no key says it
  std::vector<std::string> issuers;   // names of the [[issuer]]s whose tokens count here
  bool issues_tokens = true;          // POST /auth is there; needs both schemes and both doors
};

struct Config {
  std::vector<Network> trusted_proxies;  // whose word on the client is taken
  Server server;
  Limits limits;
  std::vector<Listener> listeners;
  Telemetry telemetry;
  AccessLog access_log;
  Auth auth;
  Tokens tokens;
  std::vector<Issuer> issuers;
  std::vector<Upstream> upstreams;
  Thresholds thresholds;
  std::vector<Api> apis;
  FileChannel file_channel;
  SmtpChannel smtp_channel;
  SmsChannel sms_channel;
  Bounces bounces;
  Messaging messaging;
  std::string base_directory;  // absolute folder of the file; paths above are made absolute with it
};

}  // namespace sallyport::config
