#include "messaging/channels/file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <utility>

#include "messaging/mime.h"

namespace sallyport::messaging {
namespace {

using Kind = RecipientResult::Kind;

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int value() const { return value_; }

 private:
  int value_;
};

Result<void> last_error(std::string_view what) {
  return fail(ErrorKind::Unavailable, fmt::format("{}: {}", what, std::strerror(errno)));
}

Result<void> write_whole(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return last_error("write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// A reader sees the old file or the new one, also after a power cut.
Result<void> replace_file(const std::string& directory, const std::string& name,
                          std::string_view bytes) {
  const std::string path = directory + "/" + name;
  const std::string temporary = path + ".tmp";
  {
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.value() < 0) return last_error("open");
    Result<void> done = write_whole(file.value(), bytes);
    if (done && ::fsync(file.value()) != 0) done = last_error("fsync");
    if (done && ::rename(temporary.c_str(), path.c_str()) != 0) done = last_error("rename");
    if (!done) {
      ::unlink(temporary.c_str());
      return done;
    }
  }
  const Descriptor folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.value() < 0 || ::fsync(folder.value()) != 0) return last_error("fsync of the folder");
  return {};
}

}  // namespace

FileChannel::FileChannel(std::string directory, std::string mail_from)
    : directory_(std::move(directory)), mail_from_(std::move(mail_from)) {
  ::mkdir(directory_.c_str(), 0700);  // if this fails, every write says so
}

RecipientResult FileChannel::write(const Message& message, std::int32_t recipient) const {
  RecipientResult result;
  result.recipient = recipient;
  const auto one = std::ranges::find(message.recipients, recipient, &Recipient::index);
  if (one == message.recipients.end()) {
    result.kind = Kind::Failed;
    result.text = "no such recipient";
    return result;
  }
  const auto mail = write_mail(message, mail_from_, {one->destination});
  if (!mail) {
    result.kind = Kind::Failed;
    result.text = mail.error().message;
    return result;
  }
  const auto written =
      replace_file(directory_, fmt::format("{}-{}.eml", message.id.hex(), recipient), *mail);
  result.kind = written ? Kind::Sent : Kind::Deferred;
  if (!written) result.text = written.error().message;
  return result;
}

Task<Delivery> FileChannel::deliver(Attempt attempt) {
  Delivery delivery;
  for (const std::int32_t recipient : attempt.recipients) {
    delivery.results.push_back(write(attempt.message, recipient));
  }
  co_return delivery;
}

}  // namespace sallyport::messaging
