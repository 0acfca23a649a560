// Which messages a list shows: whose, of which time, with which label. Read from the query. Pure,
// any thread.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "http/request.h"

namespace sallyport::messaging {

struct ListWindow {
  bool all_users = false;  // viewType=shared; else the caller's own
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;  // inclusive
  std::optional<std::string> label;
};

// The last seven days, or what the four criteria say, in the zone. An error is the rule broken.
std::expected<ListWindow, std::string> list_window_of(const http::Request& request,
                                                      std::int64_t now_us, const std::string& zone);

// "24/11/2026" and "20:15" in the zone. In the hour that a zone skips: the moment after it.
std::optional<std::int64_t> local_minute(std::string_view date, std::string_view time,
                                         const std::string& zone);

}  // namespace sallyport::messaging
