// What each reason looks like to a client: many reasons wear the same clothes, so that nobody
// learns which of the causes it was. One table; the test goes through every reason. Pure, any
// thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/reason.h"

namespace sallyport::gateway {

enum class Door : std::uint8_t {
  Application,  // body <h1>, the code headers
  User,         // in the client's media type
};

struct RefusalText {
  Reason reason;
  Door door;
  int status;                // classic
  std::string_view body;     // classic, inside <h1>: the reason phrase when empty
  std::string_view code;     // X-Error-Code
  std::string_view detail;   // X-Error-Detail
  std::string_view problem;  // modern: the last part of `type`, and `reason`
  int modern_status;
};

const RefusalText& text_of(Reason reason);
// The title of a modern problem, for people; by its name in `problem`. Empty: no such problem.
std::string_view problem_title(std::string_view problem);

}  // namespace sallyport::gateway
