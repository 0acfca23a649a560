#include "server/configuration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include "admin/check_command.h"
#include "base/log.h"
#include "config/difference.h"
#include "config/parse.h"
#include "config/reading.h"

namespace sallyport::server {
namespace {

// Sockets, threads and what they were made with. All else comes in force with a reload.
constexpr std::string_view kStartOnly[] = {
    "server.workers",  "server.shed_after", "thresholds", "listener[].kind", "listener[].address",
    "listener[].port", "telemetry",         "auth",       "tokens",          "issuer[]",
    "channels",        "messaging",
};

bool is_start_only(const std::string& name) {
  const std::string known = config::without_indices(name);
  return std::ranges::any_of(kStartOnly, [&known](std::string_view one) {
    return known == one || (known.starts_with(one) && known[one.size()] == '.');
  });
}

config::Listener* first_of(config::Config& config, config::ListenerKind kind) {
  for (config::Listener& listener : config.listeners) {
    if (listener.kind == kind) return &listener;
  }
  return nullptr;
}

void apply_ports(const ServeOptions& options, config::Config& config) {
  config::Listener* tls = first_of(config, config::ListenerKind::Tls);
  if (options.port && tls != nullptr) tls->port = *options.port;
  if (options.plain_port) {
    config::Listener* plain = first_of(config, config::ListenerKind::Refuse);
    if (plain == nullptr) {
      config::Listener added;
      added.kind = config::ListenerKind::Refuse;
      if (tls != nullptr) added.address = tls->address;
      config.listeners.push_back(added);
      plain = &config.listeners.back();
    }
    plain->port = *options.plain_port;
  }
  if (options.metrics_port) config.telemetry.port = *options.metrics_port;
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  if (!file || file.bad()) {
    return fail(ErrorKind::Invalid,
                fmt::format("{}: cannot be read: {}", path, std::strerror(errno)));
  }
  return std::move(text).str();
}

Result<Configuration> usable(config::Parsed parsed, std::string text, const ServeOptions& options) {
  std::string faults;
  for (const config::Problem& problem : parsed.problems) {
    if (problem.warning) {
      log::warn(problem.to_string());
    } else {
      faults += (faults.empty() ? "" : "\n") + problem.to_string();
    }
  }
  if (!parsed.usable()) return fail(ErrorKind::Invalid, faults);
  apply_ports(options, parsed.config);
  return Configuration{std::move(parsed.config), std::move(text)};
}

}  // namespace

Result<Configuration> load_configuration(const ServeOptions& options) {
  const std::string path = options.data_directory + "/sallyport.toml";
  auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  config::Parsed parsed = config::parse(*text, path);
  return usable(std::move(parsed), std::move(*text), options);
}

Result<Configuration> load_configuration_again(const ServeOptions& options, const Clock& clock) {
  const std::string path = options.data_directory + "/sallyport.toml";
  auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  config::Parsed parsed = config::parse(*text, path);
  if (!parsed.places.empty()) {
    std::ranges::move(admin::check_files(parsed, path, clock.unix_us()),
                      std::back_inserter(parsed.problems));
    std::ranges::stable_sort(parsed.problems, {}, [](const config::Problem& problem) {
      return std::pair(problem.line, problem.column);
    });
  }
  return usable(std::move(parsed), std::move(*text), options);
}

std::vector<std::string> takes_restart(std::string_view started_text, std::string_view text) {
  std::vector<std::string> found;
  for (const config::Difference& one : config::differences(started_text, text)) {
    if (is_start_only(one.name)) found.push_back(one.to_string());
  }
  return found;
}

config::Config without_restart(const config::Config& running, config::Config next) {
  next.server.workers = running.server.workers;
  next.server.shed_after = running.server.shed_after;
  next.thresholds = running.thresholds;
  next.telemetry = running.telemetry;
  next.auth = running.auth;
  next.tokens = running.tokens;
  next.issuers = running.issuers;
  next.file_channel = running.file_channel;
  next.smtp_channel = running.smtp_channel;
  next.sms_channel = running.sms_channel;
  next.bounces = running.bounces;
  next.messaging = running.messaging;
  std::vector<config::Listener> listeners;
  for (const config::Listener& open : running.listeners) {
    const auto same = std::ranges::find_if(next.listeners, [&open](const config::Listener& one) {
      return one.kind == open.kind && one.address == open.address && one.port == open.port;
    });
    if (same == next.listeners.end()) {
      listeners.push_back(open);
    } else {
      listeners.push_back(std::move(*same));
      next.listeners.erase(same);
    }
  }
  next.listeners = std::move(listeners);
  return next;
}

bool is_local(const config::Listener& listener) {
  if (listener.address.starts_with("unix:")) return true;
  const auto ip = IpAddress::parse(listener.address);
  return ip && ip->is_loopback();
}

}  // namespace sallyport::server
