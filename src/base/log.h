// The operator's log: one line per event on standard error, "time level text". Never a secret,
// never on the request path (the access log tells about requests). Any thread.
#pragma once

#include <string_view>

namespace sallyport::log {

enum class Level { Debug, Info, Warn, Error };

void set_level(Level level);
void debug(std::string_view text);
void info(std::string_view text);
void warn(std::string_view text);
void error(std::string_view text);

// To the system's log (syslog), where whoever can write our files cannot change it.
void to_system(std::string_view text);

}  // namespace sallyport::log
