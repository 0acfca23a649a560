#include "config/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/encoding.h"
#include "config/doors.h"
#include "config/parse_limits.h"
#include "config/read_apis.h"
#include "config/read_tls.h"
#include "config/reading.h"
#include "config/validate.h"

namespace sallyport::config {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr std::int64_t kMostFailures = 10'000;

void read_server(const Scope& root, Config& config) {
  using namespace std::chrono_literals;
  read_networks(root, "trusted_proxies", config.trusted_proxies);
  const Scope server = root.table("server");
  server.integer("workers", config.server.workers, 0, 1'024);
  server.integer("max_connections", config.server.max_connections, 1, kMillion);
  server.integer("max_connections_per_source", config.server.max_connections_per_source, 0,
                 kMillion);
  server.duration("shed_after", config.server.shed_after, 0ms, 1min);
  server.duration("drain_timeout", config.server.drain_timeout, 0ms, 1h);

  const Scope limits = root.table("limits");
  limits.integer("head_bytes", config.limits.head_bytes, 1'024, kMillion);
  limits.integer("head_fields", config.limits.head_fields, 8, 10'000);
  limits.integer("target_bytes", config.limits.target_bytes, 256, kMillion);
  limits.integer("body_bytes", config.limits.body_bytes, 0, 1'024 * kMillion);
  limits.duration("handshake_timeout", config.limits.handshake_timeout, 100ms, 10min);
  limits.duration("head_timeout", config.limits.head_timeout, 100ms, 10min);
  limits.duration("idle_timeout", config.limits.idle_timeout, 100ms, 1h);
  limits.duration("body_timeout", config.limits.body_timeout, 100ms, 1h);
  limits.duration("body_total_timeout", config.limits.body_total_timeout, 100ms, 24h);
  limits.duration("write_timeout", config.limits.write_timeout, 100ms, 1h);

  const Scope telemetry = root.table("telemetry");
  telemetry.boolean("enabled", config.telemetry.enabled);
  telemetry.text("address", config.telemetry.address);
  telemetry.integer("port", config.telemetry.port, 0, 65'535);
  telemetry.texts("hosts", config.telemetry.hosts);

  const Scope access_log = root.table("access_log");
  access_log.text("path", config.access_log.path);
  access_log.boolean("require_log", config.access_log.require_log);

  const Scope auth = root.table("auth");
  auth.integer("argon2_memory_kib", config.auth.argon2_memory_kib, 64, 262'144);
  auth.integer("argon2_passes", config.auth.argon2_passes, 1, 10);
  auth.integer("argon2_lanes", config.auth.argon2_lanes, 1, 8);
  auth.integer("hash_threads", config.auth.hash_threads, 1, 256);
  auth.integer("hash_queue", config.auth.hash_queue, 1, 100'000);
  auth.integer("unproven_cpu_percent", config.auth.unproven_cpu_percent, 1, 10'000);
  auth.integer("refusals_per_second", config.auth.refusals_per_second, 0, kMillion);
  auth.integer("refusals_burst", config.auth.refusals_burst, 1, kMillion);
  auth.integer("failures_per_pair", config.auth.failures_per_pair, 0, kMostFailures);
  auth.integer("failures_per_source", config.auth.failures_per_source, 0, kMostFailures);
  auth.integer("failures_per_name", config.auth.failures_per_name, 0, kMostFailures);
}

void read_listeners(const Scope& root, Config& config) {
  for (const Scope& scope : root.tables("listener")) {
    Listener& listener = config.listeners.emplace_back();
    if (!scope.has("kind")) scope.fail("kind", "is required: \"tls\", \"refuse\" or \"trusted\"");
    scope.choice("kind", listener.kind,
                 {{"tls", ListenerKind::Tls},
                  {"refuse", ListenerKind::Refuse},
                  {"trusted", ListenerKind::Trusted}});
    scope.text("address", listener.address);
    scope.integer("port", listener.port, 0, 65'535);
    scope.text("certificate", listener.certificate);
    scope.text("key", listener.key);
    scope.text("ocsp_response", listener.ocsp_response);
    read_networks(scope, "trusted_networks", listener.trusted_networks);
    read_networks(scope, "proxy_protocol_from", listener.proxy_protocol_from);
  }
}

void read_relay(const Scope& scope, SmtpRelay& relay) {
  scope.text("host", relay.host);
  scope.integer("port", relay.port, 1, 65'535);
  scope.choice("security", relay.security,
               {{"none", SmtpSecurity::None},
                {"opportunistic", SmtpSecurity::Opportunistic},
                {"starttls", SmtpSecurity::StartTls},
                {"tls", SmtpSecurity::Tls}});
  scope.boolean("verify", relay.verify);
  scope.text("ca_file", relay.ca_file);
  scope.text("username", relay.username);
  scope.text("password_file", relay.password_file);
}

void read_sms(const Scope& channels, SmsChannel& sms) {
  using namespace std::chrono_literals;
  const Scope all = channels.table("sms");
  all.text("sender", sms.sender);
  all.choice("in_doubt", sms.in_doubt,
             {{"by_class", InDoubt::ByClass}, {"again", InDoubt::Again}, {"stop", InDoubt::Stop}});
  for (const Scope& scope : channels.tables("smpp")) {
    SmppBind& bind = sms.binds.emplace_back();
    for (const char* key : {"host", "system_id"}) {
      if (!scope.has(key)) scope.fail(key, "is required");
    }
    scope.text("host", bind.host);
    scope.integer("port", bind.port, 1, 65'535);
    bind.name = fmt::format("{}:{}", bind.host, bind.port);
    bind.smsc = bind.host;
    scope.text("name", bind.name);
    scope.text("smsc", bind.smsc);
    scope.text("system_id", bind.system_id);
    scope.text("system_type", bind.system_type);
    scope.text("password_file", bind.password_file);
    scope.boolean("tls", bind.tls);
    scope.boolean("verify", bind.verify);
    scope.text("ca_file", bind.ca_file);
    scope.integer("window", bind.window, 1, 1'000);
    scope.integer("per_second", bind.per_second, 0, 100'000);
    scope.duration("enquire_interval", bind.enquire_interval, 1s, 1h);
    scope.duration("timeout", bind.timeout, 100ms, 10min);
  }
}

void read_messaging(const Scope& root, Config& config) {
  using namespace std::chrono_literals;
  const Scope channels = root.table("channels");
  channels.table("file").text("directory", config.file_channel.directory);

  const Scope smtp = channels.table("smtp");
  read_relay(smtp, config.smtp_channel);
  for (const Scope& scope : smtp.tables("relay")) {
    SmtpRelay& relay = config.smtp_channel.more.emplace_back();
    if (!scope.has("host")) scope.fail("host", "is required");
    read_relay(scope, relay);
  }
  smtp.text("helo", config.smtp_channel.helo);
  smtp.duration("timeout", config.smtp_channel.timeout, 100ms, 1h);
  smtp.integer("connections", config.smtp_channel.connections, 1, 1'000);
  smtp.integer("mails_per_connection", config.smtp_channel.mails_per_connection, 1, kMillion);
  smtp.duration("idle_timeout", config.smtp_channel.idle_timeout, 100ms, 1h);
  smtp.choice("in_doubt", config.smtp_channel.in_doubt,
              {{"by_class", InDoubt::ByClass}, {"again", InDoubt::Again}, {"stop", InDoubt::Stop}});

  read_sms(channels, config.sms_channel);

  const Scope bounces = channels.table("bounces");
  bounces.text("domain", config.bounces.domain);
  config.bounces.domain = ascii_lower(config.bounces.domain);
  bounces.text("address", config.bounces.address);
  bounces.integer("port", config.bounces.port, 0, 65'535);

  const Scope messaging = root.table("messaging");
  messaging.text("vendor", config.messaging.vendor);
  messaging.text("support_contact", config.messaging.support_contact);
  messaging.text("mail_from", config.messaging.mail_from);
  messaging.text("mri_domain_user", config.messaging.mri_domain_user);
  messaging.integer("message_bytes", config.messaging.message_bytes, 1'024, 100 * kMillion);
  messaging.durations("retry_delays", config.messaging.retry_delays, 10ms, 24h * 7);
  messaging.duration("give_up_after", config.messaging.give_up_after, 1s, 24h * 30);
  messaging.integer("active_window", config.messaging.active_window, 1, 100'000);
  messaging.duration("retention", config.messaging.retention, 24h, 24h * 3650);
  messaging.integer("destination_window", config.messaging.destination_window, 1, 10'000);
}

void make_absolute(const std::filesystem::path& folder, std::string& path) {
  if (!path.empty()) path = (folder / path).lexically_normal().string();
}

void make_paths_absolute(Config& config) {
  const std::filesystem::path folder = config.base_directory;
  for (Listener& listener : config.listeners) {
    make_absolute(folder, listener.certificate);
    make_absolute(folder, listener.key);
    make_absolute(folder, listener.ocsp_response);
    if (listener.address.starts_with("unix:")) {
      std::string path = listener.address.substr(5);
      make_absolute(folder, path);
      listener.address = "unix:" + path;
    }
  }
  for (Issuer& issuer : config.issuers) {
    make_absolute(folder, issuer.jwks_file);
    make_absolute(folder, issuer.ca_file);
  }
  for (Api& api : config.apis) {
    for (VirtualHost& host : api.hosts) {
      for (std::string* path :
           {&host.tls.certificate, &host.tls.key, &host.tls.ocsp_response, &host.tls.client_ca}) {
        make_absolute(folder, *path);
      }
    }
  }
  make_absolute(folder, config.access_log.path);
  make_absolute(folder, config.file_channel.directory);
  make_absolute(folder, config.smtp_channel.ca_file);
  for (Upstream& upstream : config.upstreams) {
    for (std::string* path : {&upstream.tls.ca_file, &upstream.tls.certificate, &upstream.tls.key,
                              &upstream.credential.secret_file}) {
      make_absolute(folder, *path);
    }
  }
  make_absolute(folder, config.smtp_channel.password_file);
  for (SmtpRelay& relay : config.smtp_channel.more) {
    make_absolute(folder, relay.ca_file);
    make_absolute(folder, relay.password_file);
  }
  for (SmppBind& bind : config.sms_channel.binds) {
    make_absolute(folder, bind.ca_file);
    make_absolute(folder, bind.password_file);
  }
}

void read_all(const Node& document, Parsed& parsed, const std::string& file_name) {
  Reading reading(parsed, file_name);
  reading.walk(document);
  const Scope root(reading, &document, "");
  read_server(root, parsed.config);
  read_thresholds(root, parsed.config);
  read_listeners(root, parsed.config);
  read_upstreams(root, parsed.config);
  read_issuers(root, parsed.config);
  read_apis(root, parsed.config);
  read_messaging(root, parsed.config);
  validate(parsed.config,
           {.is_set = [&](const std::string& name) { return reading.is_set(name); },
            .is_wrong = [&](const std::string& name) { return reading.is_wrong(name); },
            .error = [&](const std::string& name,
                         std::string text) { reading.add(name, std::move(text)); },
            .warn = [&](const std::string& name,
                        std::string text) { reading.add(name, std::move(text), true); }});
  make_paths_absolute(parsed.config);
  std::ranges::stable_sort(parsed.problems, {}, [](const Problem& problem) {
    return std::pair(problem.line, problem.column);
  });
}

}  // namespace

std::string Problem::to_string() const {
  const std::string what = (warning ? "warning: " : "") + text;
  return line == 0 ? fmt::format("{}: {}", file, what)
                   : fmt::format("{}:{}:{}: {}", file, line, column, what);
}

bool Parsed::usable() const {
  return std::ranges::all_of(problems, [](const Problem& problem) { return problem.warning; });
}

Parsed parse(std::string_view text, const std::string& file_name) {
  Parsed parsed;
  std::error_code ignored;
  const auto absolute = std::filesystem::absolute(file_name, ignored).lexically_normal();
  parsed.config.base_directory = absolute.parent_path().string();
  const auto document = read_document(text);
  if (!document) {
    const SyntaxError& error = document.error();
    parsed.problems.push_back(
        {file_name, error.place.line, error.place.column, "syntax: " + error.text, false});
    return parsed;
  }
  read_all(*document, parsed, file_name);
  return parsed;
}

Parsed load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file || file.bad()) {
    Parsed parsed;
    parsed.problems.push_back(
        {path, 0, 0, fmt::format("cannot be read: {}", std::strerror(errno)), false});
    return parsed;
  }
  return parse(text.view(), path);
}

}  // namespace sallyport::config
