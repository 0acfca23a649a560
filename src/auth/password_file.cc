#include "auth/password_file.h"

#include <string>
#include <utility>

#include "auth/password_format.h"
#include "auth/username.h"
#include "base/encoding.h"

namespace sallyport::auth {

std::optional<Result<PasswordLine>> read_password_line(std::string_view line) {
  while (line.ends_with('\r') || line.ends_with('\n')) line.remove_suffix(1);
  if (trim_ascii(line).empty() || line.starts_with('#')) return std::nullopt;
  const auto wrong = [](std::string rule) { return fail(ErrorKind::Invalid, std::move(rule)); };
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return wrong("a line must be NAME:HASH");
  PasswordLine read{line.substr(0, colon), line.substr(colon + 1)};
  read.hash = read.hash.substr(0, read.hash.find(':'));
  if (auto named = check_username(read.name); !named) return wrong(named.error().message);
  if (read.hash.empty()) return wrong("the hash is empty: anybody could come in");
  if (read.hash == "x") return wrong("the hash is in another file, most likely /etc/shadow");
  if (read.hash.starts_with('!') || read.hash.starts_with('*')) {
    return wrong("the password is locked");
  }
  if (is_fast_import(read.hash)) {
    if (auto fast = read_fast_import(read.hash); !fast) return wrong(fast.error().message);
    return read;
  }
  const auto format = read_format(read.hash);
  if (!format) return wrong(format.error().message);
  if (format->kind == HashKind::Sha256) {
    return wrong("$sha256$ is for generated passwords; a hash from elsewhere must be slow");
  }
  return read;
}

}  // namespace sallyport::auth
