#include "admin/terminal.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string_view>

#include "base/secret.h"

namespace sallyport::admin {
namespace {

constexpr std::size_t kMaxSecretBytes = 4096;

// Without echo for as long as it lives.
class Silence {
 public:
  Silence() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  bool changed_ = false;
};

// Byte by byte, so that nothing is left behind in a buffer of the library.
std::optional<std::string> read_input_line() {
  std::string line;
  for (;;) {
    char c = 0;
    const ssize_t got = ::read(STDIN_FILENO, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      if (line.empty()) return std::nullopt;
      break;
    }
    if (c == '\n') break;
    if (line.size() == kMaxSecretBytes) return std::nullopt;
    line.push_back(c);
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

void ask(std::string_view prompt) {
  [[maybe_unused]] const ssize_t told = ::write(STDERR_FILENO, prompt.data(), prompt.size());
}

}  // namespace

Result<std::string> read_secret(const std::string& what, bool twice) {
  const bool terminal = ::isatty(STDIN_FILENO) == 1;
  std::optional<std::string> secret;
  if (terminal) {
    const Silence silence;
    ask(fmt::format("{}: ", what));
    secret = read_input_line();
    if (secret && twice) {
      ask(fmt::format("{} again: ", what));
      auto again = read_input_line();
      const bool same = again && equal_constant_time(*secret, *again);
      if (again) wipe(*again);
      if (!same) {
        wipe(*secret);
        return fail(ErrorKind::Invalid, fmt::format("the two {}s differ", what));
      }
    }
  } else {
    secret = read_input_line();
  }
  if (!secret || secret->empty()) {
    return fail(ErrorKind::Invalid, fmt::format("no {} on standard input", what));
  }
  return std::move(*secret);
}

void forbid_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace sallyport::admin
