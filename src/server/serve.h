// `sallyport serve`: opens a data directory, serves it until SIGTERM or SIGINT, drains.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sallyport::server {

struct ServeOptions {
  std::string data_directory;
  // Over the configuration: of the first TLS listener; of a refusing listener, which is added when
  // there is none; of telemetry. 0 = the system chooses.
  std::optional<std::uint16_t> port;
  std::optional<std::uint16_t> plain_port;
  std::optional<std::uint16_t> metrics_port;
};

// The exit code: 0 drained, 1 refused to start, with the reason on standard error.
int serve(const ServeOptions& options);

}  // namespace sallyport::server
