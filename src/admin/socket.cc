#include "admin/socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include "admin/wire.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "base/secret.h"

namespace sallyport::admin {
namespace {

constexpr std::int64_t kPatience_us =
    5'000'000;  // for a peer to send, or to take some of the reply
constexpr std::int64_t kIdleEvery_us = 1'000'000;
// A command may wait for a password hash, a commit and every worker.
constexpr std::int64_t kAnswerPatience_us = 120'000'000;

// A socket's address holds 108 bytes; a longer path is reached through the folder's descriptor.
struct Address {
  sockaddr_un address{};
  Descriptor folder;
};

std::optional<Address> address_of(const std::string& directory) {
  Address made;
  made.address.sun_family = AF_UNIX;
  std::string path = directory + "/admin.sock";
  if (path.size() >= sizeof(made.address.sun_path)) {
    made.folder = Descriptor(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (*made.folder < 0) return std::nullopt;
    path = fmt::format("/proc/self/fd/{}/admin.sock", *made.folder);
  }
  path.copy(made.address.sun_path, sizeof(made.address.sun_path) - 1);
  return made;
}

// False when the descriptor is not ready by then, or `stop` is.
bool wait_for(int file, short events, std::int64_t deadline_us, int stop = -1) {
  const SystemClock clock;
  for (;;) {
    pollfd watched[2] = {{file, events, 0}, {stop, POLLIN, 0}};
    const std::int64_t left_us = deadline_us - clock.monotonic_us();
    if (left_us <= 0) return false;
    const int ready = ::poll(watched, stop < 0 ? 1 : 2, static_cast<int>(left_us / 1'000 + 1));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0 || (stop >= 0 && watched[1].revents != 0)) return false;
    return true;
  }
}

// A line without its newline; nullopt when it does not come, or not in time, or is too long.
std::optional<std::string> read_line(int file, std::size_t most, std::int64_t deadline_us,
                                     int stop = -1) {
  std::string line;
  char buffer[16 * 1024];
  while (line.size() <= most) {
    if (!wait_for(file, POLLIN, deadline_us, stop)) break;
    const ssize_t got = ::recv(file, buffer, sizeof(buffer), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got <= 0) break;
    const char* newline =
        static_cast<const char*>(std::memchr(buffer, '\n', static_cast<std::size_t>(got)));
    line.append(buffer, newline == nullptr ? static_cast<std::size_t>(got)
                                           : static_cast<std::size_t>(newline - buffer));
    if (newline != nullptr) return line.size() <= most ? std::optional(line) : std::nullopt;
  }
  wipe(line);
  return std::nullopt;
}

bool write_all(int file, std::string_view bytes) {
  const SystemClock clock;
  while (!bytes.empty()) {
    if (!wait_for(file, POLLOUT, clock.monotonic_us() + kPatience_us)) return false;
    const ssize_t sent = ::send(file, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::string system_text() { return std::strerror(errno); }

}  // namespace

struct AdminSocket::State {
  void run();
  void serve(int peer);

  std::string path;
  Handler handler;
  Idle idle;
  Descriptor listener;
  Descriptor stopping;  // an eventfd
  std::thread thread;
};

Result<std::unique_ptr<AdminSocket>> AdminSocket::open(const std::string& directory,
                                                       Handler handler, Idle idle) {
  auto state = std::make_unique<State>();
  state->path = directory + "/admin.sock";
  state->handler = std::move(handler);
  state->idle = std::move(idle);
  state->listener = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  state->stopping = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  const auto address = address_of(directory);
  const auto failed = [&] {
    return fail(ErrorKind::Unavailable, fmt::format("{}: {}", state->path, system_text()));
  };
  if (!address || *state->listener < 0 || *state->stopping < 0) return failed();
  ::unlink(address->address.sun_path);
  // Bound under the umask, so that it is never open to others, not even for a moment.
  const mode_t old_mask = ::umask(0177);
  const int bound = ::bind(*state->listener, reinterpret_cast<const sockaddr*>(&address->address),
                           sizeof(address->address));
  ::umask(old_mask);
  if (bound != 0 || ::listen(*state->listener, 16) != 0) return failed();
  state->thread = std::thread([raw = state.get()] { raw->run(); });
  return std::make_unique<AdminSocket>(std::move(state));
}

AdminSocket::AdminSocket(std::unique_ptr<State> state) : state_(std::move(state)) {}

AdminSocket::~AdminSocket() { stop(); }

void AdminSocket::stop() {
  if (!state_->thread.joinable()) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t told = ::write(*state_->stopping, &one, sizeof(one));
  state_->thread.join();
  state_->listener = Descriptor();
  ::unlink(state_->path.c_str());
}

void AdminSocket::State::run() {
  const SystemClock clock;
  std::int64_t idle_us = clock.monotonic_us() + kIdleEvery_us;
  for (;;) {
    pollfd watched[2] = {{*listener, POLLIN, 0}, {*stopping, POLLIN, 0}};
    if (::poll(watched, 2, idle ? static_cast<int>(kIdleEvery_us / 1'000) : -1) < 0 &&
        errno != EINTR) {
      return;
    }
    if (watched[1].revents != 0) return;
    if (idle && clock.monotonic_us() >= idle_us) {
      idle();
      idle_us = clock.monotonic_us() + kIdleEvery_us;
    }
    if ((watched[0].revents & POLLIN) == 0) continue;
    const Descriptor peer(::accept4(*listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (*peer >= 0) serve(*peer);
  }
}

void AdminSocket::State::serve(int peer) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  if (::getsockopt(peer, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return;
  if (credentials.uid != 0 && credentials.uid != ::geteuid()) {
    log::warn(fmt::format("admin socket: uid {} was refused", credentials.uid));
    write_all(peer,
              reply_line({kRefused, "", "",
                          fmt::format("uid {} may not administer this server", credentials.uid)}));
    return;
  }
  const SystemClock clock;
  auto line = read_line(peer, kMaxRequestBytes, clock.monotonic_us() + kPatience_us, *stopping);
  if (!line) return;
  auto request = parse_request(*line);
  wipe(*line);
  if (!request) {
    write_all(peer, reply_line({kBadUsage, "", "", request.error().message}));
    return;
  }
  request->actor = fmt::format("uid {}", credentials.uid);
  std::string answer = reply_line(handler(*request));
  for (auto& [name, secret] : request->secrets) wipe(secret);
  write_all(peer, answer);
  wipe(answer);  // it may hold a new key
}

Result<CommandReply> send_command(const std::string& directory, const CommandRequest& request) {
  const auto address = address_of(directory);
  const Descriptor file(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!address || *file < 0) return fail(ErrorKind::NotFound, system_text());
  if (::connect(*file, reinterpret_cast<const sockaddr*>(&address->address),
                sizeof(address->address)) != 0) {
    const bool nobody = errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR;
    return fail(nobody ? ErrorKind::NotFound : ErrorKind::Unavailable,
                fmt::format("{}/admin.sock: {}", directory, system_text()));
  }
  std::string line = request_line(request);
  const bool fits = line.size() <= kMaxRequestBytes;
  // A refusal of the peer comes before the request is read, so the answer is looked for anyway.
  if (fits) write_all(*file, line);
  wipe(line);
  if (!fits) return fail(ErrorKind::Invalid, "the command is too long");
  const SystemClock clock;
  auto answer = read_line(*file, kMaxReplyBytes, clock.monotonic_us() + kAnswerPatience_us);
  if (!answer) {
    return fail(ErrorKind::Unavailable,
                fmt::format("the server at {}/admin.sock did not answer; whether the command was "
                            "carried out is not known",
                            directory));
  }
  auto reply = parse_reply(*answer);
  wipe(*answer);
  return reply;
}

}  // namespace sallyport::admin
