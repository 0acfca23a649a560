#include "storage/append_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/descriptor.h"

namespace sallyport::storage {
namespace {

std::unexpected<Error> failed(const std::string& path) {
  return fail(ErrorKind::Unavailable, path + ": " + std::generic_category().message(errno));
}

Result<std::string> content_of(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (*file < 0 && errno == ENOENT) return std::string();
  if (*file < 0) return failed(path);
  std::string content;
  char buffer[64 * 1024];
  for (;;) {
    const ssize_t got = ::read(*file, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path);
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
  }
}

}  // namespace

Result<std::vector<std::string>> AppendFile::lines() const {
  auto content = content_of(path_);
  if (!content) return std::unexpected(content.error());
  std::vector<std::string> lines;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = content->find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    if (end > begin) lines.push_back(content->substr(begin, end - begin));
  }
  return lines;
}

Result<void> AppendFile::append(std::string_view lines) {
  if (lines.empty()) return {};
  const Descriptor file(
      ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  struct stat status{};
  if (*file < 0 || ::fstat(*file, &status) != 0) return failed(path_);
  char last = '\n';
  if (status.st_size > 0 && ::pread(*file, &last, 1, status.st_size - 1) != 1) return failed(path_);
  std::string text = last == '\n' ? "" : "\n";
  text += lines;
  for (std::string_view left = text; !left.empty();) {
    const ssize_t written = ::write(*file, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return failed(path_);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(*file) != 0) return failed(path_);
  if (status.st_size > 0) return {};
  const std::size_t slash = path_.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (*directory < 0 || ::fsync(*directory) != 0) return failed(folder);
  return {};
}

}  // namespace sallyport::storage
