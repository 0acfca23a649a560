// Result<T>: what a function returns when it may be unable to decide or to do something.
// An Error is not a refusal: a refusal is an ordinary value (see base/reason.h), an Error means
// "could not decide, could not do" and makes the gateway fail closed. Any thread; no exceptions.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace sallyport {

enum class ErrorKind : std::uint8_t {
  Invalid,      // the input breaks a rule; the message names the field and the rule
  NotFound,     // no such object
  Conflict,     // it exists already, or is in a state that forbids the change
  Denied,       // the caller may not do this
  Unavailable,  // a dependency is away or full; trying again later may work
  Exhausted,    // no room left (disk, pool, queue)
  Unsupported,  // not built yet or not configured
  Internal,     // our own fault
};

std::string_view to_string(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::Internal;
  std::string message;  // one sentence, lower case, without a final dot and without any secret
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string message) {
  return std::unexpected<Error>(Error{kind, std::move(message)});
}

// Ends the process: a broken invariant is never carried on with.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace sallyport

#define SALLYPORT_CHECK(condition) \
  ((condition) ? void(0) : ::sallyport::check_failed(#condition, __FILE__, __LINE__))
