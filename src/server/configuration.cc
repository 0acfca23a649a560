#include "server/configuration.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "config/parse.h"

namespace sallyport::server {
namespace {

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

}  // namespace

Result<config::Config> load_configuration(const ServeOptions& options) {
  config::Parsed parsed = config::load(options.data_directory + "/sallyport.toml");
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
  return std::move(parsed.config);
}

bool is_local(const config::Listener& listener) {
  if (listener.address.starts_with("unix:")) return true;
  const auto ip = IpAddress::parse(listener.address);
  return ip && ip->is_loopback();
}

}  // namespace sallyport::server
