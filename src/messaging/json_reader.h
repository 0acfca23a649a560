// Reads a JSON body (RFC 8259) strictly: one object, UTF-8 without NUL bytes and lone surrogates,
// no name twice in one object, finite numbers, bounded depth and number of values. Pure, any
// thread; what Boost.JSON reports or throws becomes a ReadError.
#pragma once

#include <expected>
#include <string_view>

#include "messaging/input_value.h"

namespace sallyport::messaging {

inline constexpr std::size_t kMaxJsonDepth = 32;
inline constexpr std::size_t kMaxJsonValues = 20'000;

std::expected<InputValue, ReadError> read_json(std::string_view body);

}  // namespace sallyport::messaging
