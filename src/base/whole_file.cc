#include "base/whole_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/descriptor.h"

namespace sallyport {
namespace {

Result<void> last_error(const std::string& path, std::string_view what) {
  return fail(ErrorKind::Unavailable, fmt::format("{}: {}: {}", path, what, std::strerror(errno)));
}

Result<void> write_all(int file, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return last_error(path, "write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Result<void> write_whole_file(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".tmp";
  {
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (*file < 0) return last_error(path, "open");
    Result<void> done = write_all(*file, path, content);
    if (done && ::fsync(*file) != 0) done = last_error(path, "fsync");
    if (done && ::rename(temporary.c_str(), path.c_str()) != 0) done = last_error(path, "rename");
    if (!done) {
      ::unlink(temporary.c_str());
      return done;
    }
  }
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (*directory < 0 || ::fsync(*directory) != 0) {
    return last_error(path, "fsync of the folder");
  }
  return {};
}

}  // namespace sallyport
