#include "auth/username.h"

#include <string>

#include "base/encoding.h"
#include "base/id.h"

namespace sallyport::auth {
namespace {

constexpr std::size_t kMaxBytes = 128;
constexpr std::size_t kMaxCodePoints = 100;  // as of every name

}  // namespace

Result<void> check_username(std::string_view name) {
  if (!fold_username(name) || name.size() > kMaxBytes) {
    return fail(ErrorKind::Invalid,
                "a user name is 1 to 128 bytes of UTF-8 without control characters");
  }
  if (name.find(':') != std::string_view::npos) {
    return fail(ErrorKind::Invalid,
                "a user name must not hold a colon: HTTP Basic ends the name at the first");
  }
  if (name.front() == ' ' || name.back() == ' ') {
    return fail(ErrorKind::Invalid, "a user name must not begin or end with a blank");
  }
  if (count_code_points(name) > kMaxCodePoints) {
    return fail(ErrorKind::Invalid, "a user name has at most 100 characters");
  }
  if (parse_hex_upper(name)) {
    return fail(ErrorKind::Invalid,
                "the user name looks like an id, so nobody could tell them apart");
  }
  return {};
}

}  // namespace sallyport::auth
