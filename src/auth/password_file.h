// A line of a file of users from elsewhere: NAME:HASH as htpasswd writes it, or NAME:HASH:... as in
// /etc/shadow, of which only the first two fields are read. Pure, any thread; Invalid with the rule
// that a line breaks, which never repeats the hash.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"

namespace sallyport::auth {

struct PasswordLine {
  std::string_view name;
  std::string_view hash;  // one that import_hash() takes
};

// nullopt: blank, or a comment.
std::optional<Result<PasswordLine>> read_password_line(std::string_view line);

}  // namespace sallyport::auth
