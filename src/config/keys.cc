#include "config/keys.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

#include "config/parse.h"

namespace sallyport::config {
namespace {

#define KEY(name, meaning) \
  KeyInfo { name, meaning }

constexpr std::string_view kReserved[] = {
    "admin",
    "channels.webhook",
    "api[].refusals",
    "api[].docs_url",
};

// The parent of "api[].host[].public_url" is "api[].host[]", of "limits" nothing.
std::string_view parent_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

std::string_view leaf_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

const std::set<std::string, std::less<>>& tables() {
  static const std::set<std::string, std::less<>> kTables = [] {
    std::set<std::string, std::less<>> found;
    for (const KeyInfo& key : known_keys()) {
      for (std::string_view table = parent_of(key.name); !table.empty(); table = parent_of(table)) {
        found.emplace(table);
      }
    }
    return found;
  }();
  return kTables;
}

// A right key in the wrong table is nearer than its whole name's distance says.
std::size_t distance(std::string_view wanted, std::string_view known) {
  const std::size_t whole = edit_distance(wanted, known);
  const std::size_t leaf = edit_distance(leaf_of(wanted), leaf_of(known));
  return std::min(whole, leaf == 0 ? std::size_t{2} : whole);
}

}  // namespace

const std::vector<KeyInfo>& known_keys() {
  static const std::vector<KeyInfo> kKeys = {
      KEY("trusted_proxies", "proxies whose Forwarded and X-Forwarded-* are believed"),

      KEY("server.workers", "threads that serve requests; 0 is one per core"),
      KEY("server.max_connections", "connections open at the same time, of all listeners"),
      KEY("server.max_connections_per_source", "of these, those of one address"),
      KEY("server.shed_after",
          "lag of a worker's loop above which plans of low priority are refused; 0 is never"),
      KEY("server.drain_timeout", "how long requests in flight may take after SIGTERM"),

      KEY("limits.head_bytes", "size of a request's head: request line and header fields"),
      KEY("limits.head_fields", "number of header fields"),
      KEY("limits.target_bytes", "size of the request target: path and query"),
      KEY("limits.body_bytes", "size of a request's body"),
      KEY("limits.handshake_timeout", "time for the TLS handshake"),
      KEY("limits.head_timeout", "time from the first byte of a head to its end"),
      KEY("limits.idle_timeout", "time that a kept connection may wait for its next request"),
      KEY("limits.body_timeout", "time without a byte of the body"),
      KEY("limits.body_total_timeout", "time for the whole body"),
      KEY("limits.write_timeout", "time without progress while an answer is written"),

      KEY("listener[].kind", "tls, refuse (plain, only says that TLS is required) or trusted"),
      KEY("listener[].address", "IP address to listen on; of a trusted one also unix:/path"),
      KEY("listener[].port", "TCP port; 0 lets the system choose"),
      KEY("listener[].certificate", "PEM file with the server's certificate and its chain"),
      KEY("listener[].key", "PEM file with the certificate's private key, readable by nobody else"),
      KEY("listener[].ocsp_response", "DER file with the OCSP answer that is stapled"),
      KEY("listener[].proxy_protocol_from", "balancers that begin with a PROXY header"),
      KEY("listener[].trusted_networks", "who may connect to a trusted listener beyond loopback"),

      KEY("telemetry.enabled", "whether /metrics, /healthz and /readyz are served"),
      KEY("telemetry.address", "IP address of the telemetry listener"),
      KEY("telemetry.port", "port of the telemetry listener; 0 lets the system choose"),
      KEY("telemetry.hosts", "names accepted in Host beside the loopback names"),

      KEY("access_log.path", "file that each request is written to as one line of JSON"),
      KEY("access_log.require_log", "refuse requests that cannot be logged instead of counting"),

      KEY("auth.argon2_memory_kib", "memory of one password hash"),
      KEY("auth.argon2_passes", "passes over that memory"),
      KEY("auth.argon2_lanes", "parallel lanes of one password hash"),
      KEY("auth.hash_threads", "threads that hash passwords"),
      KEY("auth.hash_queue", "password checks that may wait for such a thread"),
      KEY("auth.unproven_cpu_percent", "share of one core for passwords from unfamiliar sources"),
      KEY("auth.refusals_per_second", "refusals of users per second, key and source network"),
      KEY("auth.refusals_burst", "such refusals at once"),
      KEY("auth.failures_per_pair", "wrong passwords of one name, key and source network"),
      KEY("auth.failures_per_source", "wrong passwords of one source network, any name"),
      KEY("auth.failures_per_name", "wrong passwords of one name, unfamiliar source networks"),

      KEY("upstream[].name", "name of the upstream, as APIs and routes write it"),
      KEY("upstream[].endpoints", "where it is: http://host:port or https://host:port"),
      KEY("upstream[].balance", "round_robin or least_request"),
      KEY("upstream[].host", "Host of forwarded requests"),
      KEY("upstream[].kept_connections", "idle connections kept, per worker and endpoint"),
      KEY("upstream[].kept_timeout", "how long an idle connection is kept"),
      KEY("upstream[].max_in_flight", "requests in flight; more are refused at once"),
      KEY("upstream[].retry_percent", "retries for each hundred requests"),
      KEY("upstream[].tls.ca_file", "PEM file that the upstream's certificate is verified with"),
      KEY("upstream[].tls.server_name", "name that its certificate must have"),
      KEY("upstream[].tls.certificate", "PEM file with our client certificate and its chain"),
      KEY("upstream[].tls.key", "PEM file with that certificate's private key"),
      KEY("upstream[].health.path", "path that is asked to see whether an endpoint is well"),
      KEY("upstream[].health.interval", "time between two such checks of an endpoint"),
      KEY("upstream[].health.timeout", "time that the endpoint has to answer one"),
      KEY("upstream[].health.healthy_after", "good checks in a row that bring an endpoint back"),
      KEY("upstream[].health.unhealthy_after", "failed checks in a row that take it out"),
      KEY("upstream[].ejection.failures", "failed requests in a row that take an endpoint out"),
      KEY("upstream[].ejection.duration", "for how long"),
      KEY("upstream[].ejection.most_percent", "share of the endpoints that may be out this way"),
      KEY("upstream[].credential.header", "header that carries our credential to the upstream"),
      KEY("upstream[].credential.secret_file", "file that holds this header's value"),
      KEY("upstream[].assertion.audience", "audience of the signed statement of who is calling"),
      KEY("thresholds.quota_events", "percentages of a quota that are told as events"),
      KEY("thresholds.pool", "users and source networks that are counted at the same time"),

      KEY("tokens.issuer", "what tokens that we issue say in iss"),
      KEY("tokens.algorithm", "of the next signing key: EdDSA or ES256"),
      KEY("tokens.lifetime", "how long a token that we issue is good"),

      KEY("issuer[].name", "name of an outside issuer, as api[].issuers writes it"),
      KEY("issuer[].issuer", "what its tokens say in iss"),
      KEY("issuer[].audience", "of which its tokens must name one in aud"),
      KEY("issuer[].jwks_file", "file with its public keys"),
      KEY("issuer[].jwks_url", "https URL of its public keys"),
      KEY("issuer[].ca_file", "PEM file that the URL's certificate is verified with"),
      KEY("issuer[].algorithms", "what its tokens may be signed with: RS256, ES256, EdDSA"),
      KEY("issuer[].user_claim", "claim that holds the user's name"),
      KEY("issuer[].accounts", "accounts whose users it may speak for"),
      KEY("issuer[].leeway", "how far its clock and ours may differ"),
      KEY("issuer[].refresh", "how often its public keys are read again"),

      KEY("api[].name", "name of the API, as plans and roles write it"),
      KEY("api[].profile", "how refusals look: classic or modern"),
      KEY("api[].realm", "realm of WWW-Authenticate"),
      KEY("api[].engine", "what answers behind the doors: messaging"),
      KEY("api[].upstream", "upstream that requests are forwarded to"),
      KEY("api[].test_upstream", "the same for keys of the test environment"),
      KEY("api[].rate_per_second", "requests per second of all callers together"),
      KEY("api[].burst", "requests of all callers in any one second"),
      KEY("api[].rate_windows", "rates of all callers together over longer windows"),
      KEY("api[].concurrency", "requests of all callers in flight"),
      KEY("api[].limit_fields", "answers tell how the limits stand"),
      KEY("api[].shadow.rate_per_second", "a rate of all callers that is only counted"),
      KEY("api[].shadow.burst", "its burst"),
      KEY("api[].shadow.rate_windows", "rates over longer windows that are only counted"),
      KEY("api[].user.rate_per_second", "requests per second of each user"),
      KEY("api[].user.burst", "requests of each user in any one second"),
      KEY("api[].user.rate_windows", "rates of each user over longer windows"),
      KEY("api[].user.shadow", "count the users' rates, refuse nobody"),
      KEY("api[].source.rate_per_second", "requests per second of each source network"),
      KEY("api[].source.burst", "requests of each source network in any one second"),
      KEY("api[].source.rate_windows", "rates of each source network over longer windows"),
      KEY("api[].source.shadow", "count the source networks' rates, refuse nobody"),
      KEY("api[].source.ipv4_prefix", "how much of an IPv4 address is one source network"),
      KEY("api[].source.ipv6_prefix", "how much of an IPv6 address is one source network"),
      KEY("api[].cost.rules", "what some requests cost instead of 1"),
      KEY("api[].cost.free_methods", "methods that cost nothing: HEAD, OPTIONS"),
      KEY("api[].cost.field", "field of the answer that says what the request cost"),
      KEY("api[].maintenance", "answer 503 to everything"),
      KEY("api[].compat_596", "answer 596 instead of 404 where there is no route"),
      KEY("api[].allowed_origins", "origins whose pages may send unsafe requests"),
      KEY("api[].doors", "what a request must pass: key and user, key only, user only or none"),
      KEY("api[].auth", "how users prove who they are: bearer, basic, certificate"),
      KEY("api[].accounts", "where user names are looked up when no key says it"),
      KEY("api[].issuers", "outside issuers whose tokens count here"),
      KEY("api[].tokens", "whether POST /auth issues tokens here"),
      KEY("api[].host[].host", "name that clients call this API by"),
      KEY("api[].disclose_key_state", "tell the state of a key that matches in X-Error-Reason"),
      KEY("api[].whoami", "answer GET /whoami at the doors"),
      KEY("api[].host[].certificate", "PEM file with this host's own certificate and its chain"),
      KEY("api[].host[].key", "PEM file with that certificate's private key"),
      KEY("api[].host[].ocsp_response", "DER file with the OCSP answer that is stapled"),
      KEY("api[].host[].client_certificates", "off, optional or required"),
      KEY("api[].host[].client_ca", "PEM file that clients' certificates are verified with"),
      KEY("api[].host[].client_name", "what of a client's certificate is the user's name"),
      KEY("api[].host[].public_url", "what links and Location begin with"),
      KEY("api[].host[].upstream", "upstream of requests to this host"),
      KEY("api[].host[].test_upstream", "the same for keys of the test environment"),
      KEY("api[].route[].path", "pattern of the paths that this route takes"),
      KEY("api[].route[].methods", "methods that it takes"),
      KEY("api[].route[].operation", "name that roles and plans may call it by"),
      KEY("api[].route[].doors", "what a request must pass on this route"),
      KEY("api[].route[].auth", "how users prove who they are on this route"),
      KEY("api[].route[].upstream", "upstream of this route"),
      KEY("api[].route[].test_upstream", "the same for keys of the test environment"),
      KEY("api[].route[].strip_prefix", "what the forwarded path loses in front"),
      KEY("api[].route[].add_prefix", "what the forwarded path gets in front"),
      KEY("api[].route[].connect_timeout", "time to connect to the upstream"),
      KEY("api[].route[].head_timeout", "time that the upstream has for the head of its answer"),
      KEY("api[].route[].body_timeout", "time without a byte of the answer's body"),
      KEY("api[].route[].total_timeout", "time for everything behind the doors"),
      KEY("api[].route[].retries", "further tries where one is safe"),
      KEY("api[].route[].body_bytes", "size of a request's body on this route"),
      KEY("api[].route[].trailers", "whether trailers are passed on"),
      KEY("api[].route[].forward_authorization", "whether the upstream sees Authorization"),
      KEY("api[].route[].forward_key", "whether the upstream sees the API key"),
      KEY("api[].route[].keep", "what the path may hold: encoded slashes, parameters"),
      KEY("api[].route[].overrides", "fields whose method is believed: X-HTTP-Method-Override"),
      KEY("api[].route[].remove_headers", "request headers that the upstream does not see"),
      KEY("api[].route[].set_headers", "request headers that the upstream sees, \"Name: value\""),
      KEY("api[].route[].remove_response_headers", "headers that the client does not see"),
      KEY("api[].route[].set_response_headers", "headers that the client sees, \"Name: value\""),
      KEY("api[].cors.origins", "origins whose pages may read answers"),
      KEY("api[].cors.methods", "methods that such a page may use"),
      KEY("api[].cors.headers", "request headers that such a page may send"),
      KEY("api[].cors.expose_headers", "response headers that such a page may read"),
      KEY("api[].cors.max_age", "how long a browser may remember this"),
      KEY("api[].host[].environment", "live or test: the only keys that this host lets in"),
      KEY("api[].key.header", "header that carries the API key"),
      KEY("api[].key.query", "query parameter that carries the API key"),
      KEY("api[].key.locations", "all headers and query parameters that may carry the API key"),

      KEY("channels.file.directory", "folder that messages are written to when no relay is set"),
      KEY("channels.smtp.host", "mail relay; with it, email is delivered and not written to files"),
      KEY("channels.smtp.port", "port of the relay"),
      KEY("channels.smtp.security", "none, opportunistic, starttls or tls"),
      KEY("channels.smtp.verify", "whether starttls and tls verify the relay's certificate"),
      KEY("channels.smtp.username", "user name for AUTH, which needs TLS"),
      KEY("channels.smtp.password_file", "file with the password for AUTH"),
      KEY("channels.smtp.mails_per_connection", "mails over one connection"),
      KEY("channels.smtp.idle_timeout", "how long a connection waits for the next mail"),
      KEY("channels.smtp.in_doubt", "by_class, again or stop"),
      KEY("channels.smtp.relay[].host", "a further relay, tried when those before it are away"),
      KEY("channels.smtp.relay[].port", "its port"),
      KEY("channels.smtp.relay[].security", "its security"),
      KEY("channels.smtp.relay[].verify", "whether its certificate is verified"),
      KEY("channels.smtp.relay[].ca_file", "what its certificate is verified with"),
      KEY("channels.smtp.relay[].username", "its user name"),
      KEY("channels.smtp.relay[].password_file", "file with its password"),
      KEY("channels.sms.sender", "sender of SMS that name none"),
      KEY("channels.sms.in_doubt", "by_class, again or stop"),
      KEY("channels.smpp[].name", "a bind's name in logs and statuses"),
      KEY("channels.smpp[].host", "an SMSC; with one, SMS are sent"),
      KEY("channels.smpp[].port", "its port"),
      KEY("channels.smpp[].smsc", "binds that name the same one share its message ids"),
      KEY("channels.smpp[].system_id", "who we are to it"),
      KEY("channels.smpp[].system_type", "system_type of the bind"),
      KEY("channels.smpp[].password_file", "file with the bind's password"),
      KEY("channels.smpp[].tls", "whether the connection is inside TLS"),
      KEY("channels.smpp[].verify", "whether its certificate is verified"),
      KEY("channels.smpp[].ca_file", "what its certificate is verified with"),
      KEY("channels.smpp[].window", "messages on their way without a response"),
      KEY("channels.smpp[].per_second", "messages in a second; 0 is as many as the window lets"),
      KEY("channels.smpp[].enquire_interval", "silence before enquire_link"),
      KEY("channels.smpp[].timeout", "time to bind, and for a response"),
      KEY("channels.bounces.domain", "domain of the addresses that bounces come back to"),
      KEY("channels.bounces.address", "IP address of the LMTP listener for bounces"),
      KEY("channels.bounces.port", "its port"),
      KEY("channels.smtp.ca_file", "PEM file that the relay's certificate is verified with"),
      KEY("channels.smtp.helo", "name we give in EHLO"),
      KEY("channels.smtp.timeout", "time for each step of the conversation"),
      KEY("channels.smtp.connections", "connections to the relay at the same time"),

      KEY("messaging.vendor",
          "the vendor in media types: application/vnd.<vendor>.message-v1+json"),
      KEY("messaging.support_contact", "whom error texts name"),
      KEY("messaging.mail_from", "sender of email, in the envelope and in From"),
      KEY("messaging.mri_domain_user", "domain of users' addresses in the engine"),
      KEY("messaging.message_bytes", "size of a message without its attachments"),
      KEY("messaging.retry_delays",
          "waits before the second, third, ... attempt; the last repeats"),
      KEY("messaging.give_up_after", "age at which a message that was only deferred fails"),
      KEY("messaging.active_window", "attempts in flight at the same time"),
      KEY("messaging.retention", "how long a message is kept after it was accepted"),
      KEY("messaging.destination_window", "of them, to one destination"),
  };
  return kKeys;
}

#undef KEY

bool is_known_key(std::string_view name) {
  return std::ranges::any_of(known_keys(), [&](const KeyInfo& key) { return key.name == name; });
}

bool is_known_table(std::string_view name) { return tables().contains(name); }

bool is_reserved(std::string_view name) {
  return std::ranges::find(kReserved, name) != std::end(kReserved);
}

std::string_view nearest_key(std::string_view name) {
  const auto& keys = known_keys();
  return std::ranges::min_element(keys, {},
                                  [&](const KeyInfo& key) { return distance(name, key.name); })
      ->name;
}

std::string_view nearest_table(std::string_view name) {
  return *std::ranges::min_element(
      tables(), {}, [&](const std::string& table) { return edit_distance(name, table); });
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace sallyport::config
