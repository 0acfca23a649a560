#include "admin/secrets_directory.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

#include "base/encoding.h"
#include "base/whole_file.h"

namespace sallyport::admin {
namespace {

std::unexpected<Error> system_failure(const std::string& path) {
  return fail(ErrorKind::Unavailable, fmt::format("{}: {}", path, std::strerror(errno)));
}

std::string secrets_in(const std::string& directory) { return directory + "/secrets"; }

Result<void> check_closed(const std::string& path) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return system_failure(path);
  if (!S_ISREG(found.st_mode) && !S_ISDIR(found.st_mode)) {
    return fail(ErrorKind::Invalid, fmt::format("{}: neither a file nor a folder", path));
  }
  if ((found.st_mode & 077U) != 0) {
    return fail(ErrorKind::Invalid,
                fmt::format("{}: open to group or others (mode {:03o}); chmod {} it", path,
                            found.st_mode & 0777U, S_ISDIR(found.st_mode) ? "700" : "600"));
  }
  return {};
}

}  // namespace

Result<void> make_secrets_directory(const std::string& directory, Random& random) {
  const std::string folder = secrets_in(directory);
  if (::mkdir(folder.c_str(), 0700) != 0) return system_failure(folder);
  for (const std::string_view name : {kStoreKey, kAuditKey}) {
    std::array<std::uint8_t, 32> bytes;
    random.fill(bytes);
    std::string text = hex_lower(bytes) + "\n";
    auto written = write_whole_file(fmt::format("{}/{}", folder, name), text);
    wipe(text);
    if (!written) return written;
  }
  return {};
}

Result<void> check_secrets_directory(const std::string& directory) {
  const std::string folder = secrets_in(directory);
  if (auto closed = check_closed(folder); !closed) return closed;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(folder.c_str()), ::closedir);
  if (entries == nullptr) return system_failure(folder);
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (auto closed = check_closed(fmt::format("{}/{}", folder, name)); !closed) return closed;
  }
  return {};
}

Result<auth::SigningKeys> load_signing_keys(const std::string& directory) {
  const std::string path = fmt::format("{}/{}", secrets_in(directory), kSigningKeys);
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0 && errno == ENOENT) {
    return fail(ErrorKind::NotFound, fmt::format("{}: not there", path));
  }
  if (auto closed = check_closed(path); !closed) return std::unexpected(closed.error());
  std::ifstream file(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(found.st_size), '\0');
  if (!file || !file.read(text.data(), static_cast<std::streamsize>(text.size()))) {
    return system_failure(path);
  }
  auto keys = auth::SigningKeys::read(text);
  wipe(text);
  if (!keys) return fail(keys.error().kind, fmt::format("{}: {}", path, keys.error().message));
  return keys;
}

Result<void> store_signing_keys(const std::string& directory, const auth::SigningKeys& keys) {
  return write_whole_file(fmt::format("{}/{}", secrets_in(directory), kSigningKeys),
                          keys.write().reveal());
}

Result<Secret> load_secret_key(const std::string& directory, std::string_view name) {
  const std::string path = fmt::format("{}/{}", secrets_in(directory), name);
  if (auto closed = check_closed(path); !closed) return std::unexpected(closed.error());
  std::ifstream file(path);
  std::string text;
  if (!file || !std::getline(file, text)) return system_failure(path);
  auto bytes = hex_decode(text);
  wipe(text);
  if (!bytes || bytes->size() != 32) {
    return fail(ErrorKind::Invalid, fmt::format("{}: not a key of 64 hexadecimal digits", path));
  }
  Secret key{std::string_view(*bytes)};
  wipe(*bytes);
  return key;
}

}  // namespace sallyport::admin
