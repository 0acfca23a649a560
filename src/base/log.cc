#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <syslog.h>

#include <memory>

namespace sallyport::log {
namespace {

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> kLogger = [] {
    auto made = std::make_shared<spdlog::logger>("sallyport",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%f%z %l %v");
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *kLogger;
}

}  // namespace

void set_level(Level level) {
  switch (level) {
    case Level::Debug: logger().set_level(spdlog::level::debug); break;
    case Level::Info: logger().set_level(spdlog::level::info); break;
    case Level::Warn: logger().set_level(spdlog::level::warn); break;
    case Level::Error: logger().set_level(spdlog::level::err); break;
  }
}

void debug(std::string_view text) { logger().debug("{}", text); }
void info(std::string_view text) { logger().info("{}", text); }
void warn(std::string_view text) { logger().warn("{}", text); }
void error(std::string_view text) { logger().error("{}", text); }

void to_system(std::string_view text) {
  ::syslog(LOG_AUTHPRIV | LOG_NOTICE, "sallyport: %.*s", static_cast<int>(text.size()),
           text.data());
}

}  // namespace sallyport::log
