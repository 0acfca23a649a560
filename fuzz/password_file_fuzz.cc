// What is read of a line of users from elsewhere can be stored: a name that may be one, a hash that
// import_hash() takes, at a cost within the caps.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "auth/password_file.h"
#include "auth/password_format.h"
#include "auth/username.h"
#include "base/result.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sallyport::auth;
  const std::string_view line(reinterpret_cast<const char*>(bytes), size);
  const auto read = read_password_line(line);
  if (!read || !*read) return 0;
  SALLYPORT_CHECK(check_username((*read)->name));
  SALLYPORT_CHECK((*read)->hash.find(':') == std::string_view::npos);
  if (is_fast_import((*read)->hash)) {
    SALLYPORT_CHECK(read_fast_import((*read)->hash));
  } else {
    SALLYPORT_CHECK(read_format((*read)->hash));
  }
  return 0;
}
