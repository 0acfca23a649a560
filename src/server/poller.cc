#include "server/poller.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "base/result.h"

namespace sallyport::server {
namespace {

constexpr int kEventsAtOnce = 256;
// Of looks at the set before the loop's timers and posts get their turn.
constexpr int kRoundsInTurn = 4;

constexpr std::uint64_t ticket_of(std::uint32_t slot, std::uint32_t generation) {
  return (std::uint64_t{generation} << 32) | slot;
}

}  // namespace

// What has been seen stays seen until drained() or filled() says that it has been used up: an edge
// is told once only.
class Poller::Watched final : public http::Readiness {
 public:
  Watched(Poller& poller, std::uint32_t slot) : poller_(poller), slot_(slot) {}
  ~Watched() override {
    poller_.slots_[slot_] = {nullptr, poller_.slots_[slot_].generation + 1};
    poller_.free_.push_back(slot_);
  }

  void when_readable(Callback callback) override {
    on_readable_ = std::move(callback);
    if (readable_ || hung_up_) poller_.due(*this);
  }
  void when_writable(Callback callback) override {
    on_writable_ = std::move(callback);
    if (writable_ || hung_up_) poller_.due(*this);
  }
  void cancel() override {
    cancelled_ = true;
    poller_.due(*this);
  }
  void after_others(Callback callback) override { poller_.post_(std::move(callback)); }
  void drained() override { readable_ = false; }
  void filled() override { writable_ = false; }
  bool is_stirred() const override { return readable_ || hung_up_; }

  void note(std::uint32_t events) {
    if ((events & EPOLLIN) != 0) readable_ = true;
    if ((events & EPOLLOUT) != 0) writable_ = true;
    // Behind the last bytes the end is told once, maybe together with them: it is not forgotten.
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) hung_up_ = true;
    if ((on_readable_ && (readable_ || hung_up_)) || (on_writable_ && (writable_ || hung_up_))) {
      poller_.due(*this);
    }
  }

  // May end in the destruction of this object: nothing of it is touched behind a call.
  void run() {
    queued_ = false;
    const bool all = std::exchange(cancelled_, false);
    Callback readable, writable;
    if (on_readable_ && (all || readable_ || hung_up_)) readable = std::exchange(on_readable_, {});
    if (on_writable_ && (all || writable_ || hung_up_)) writable = std::exchange(on_writable_, {});
    const std::uint64_t own = ticket();
    Poller& poller = poller_;
    if (readable) readable();
    if (writable && poller.slots_[slot_of(own)].generation == own >> 32) writable();
  }

  std::uint64_t ticket() const { return ticket_of(slot_, poller_.slots_[slot_].generation); }
  bool queue() { return !std::exchange(queued_, true); }
  static std::uint32_t slot_of(std::uint64_t ticket) { return static_cast<std::uint32_t>(ticket); }

 private:
  Poller& poller_;
  std::uint32_t slot_;
  bool readable_ = false;
  bool writable_ = false;
  bool hung_up_ = false;
  bool cancelled_ = false;
  bool queued_ = false;
  Callback on_readable_;
  Callback on_writable_;
};

Poller::Poller(std::function<void(Callback)> post)
    : post_(std::move(post)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  SALLYPORT_CHECK(epoll_ >= 0);
}

Poller::~Poller() { ::close(epoll_); }

std::unique_ptr<http::Readiness> Poller::watch(int socket) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
    free_.reserve(slots_.size());
  } else {
    slot = free_.back();
    free_.pop_back();
  }
  auto watched = std::make_unique<Watched>(*this, slot);
  slots_[slot].watched = watched.get();
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = watched->ticket();
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) return nullptr;
  return watched;
}

// Not from within the call that found it due: in this turn when run() goes on, else in the next.
void Poller::due(Watched& watched) {
  if (!watched.queue()) return;
  due_.push_back(watched.ticket());
  if (std::exchange(posted_, true)) return;
  post_([this] {
    posted_ = false;
    run_due();
  });
}

void Poller::run_due() {
  running_.swap(due_);
  for (std::size_t i = 0; i < running_.size(); ++i) {
    const Slot& slot = slots_[Watched::slot_of(running_[i])];
    if (slot.watched != nullptr && slot.generation == running_[i] >> 32) slot.watched->run();
  }
  running_.clear();
}

void Poller::run() {
  std::array<epoll_event, kEventsAtOnce> events;
  for (int round = 0; round < kRoundsInTurn; ++round) {
    const int found = ::epoll_wait(epoll_, events.data(), kEventsAtOnce, 0);
    if (found <= 0) return;
    posted_ = true;  // what becomes due now is run below
    for (int i = 0; i < found; ++i) {
      const std::uint64_t ticket = events[static_cast<std::size_t>(i)].data.u64;
      const Slot& slot = slots_[Watched::slot_of(ticket)];
      if (slot.watched == nullptr || slot.generation != ticket >> 32) continue;
      slot.watched->note(events[static_cast<std::size_t>(i)].events);
    }
    posted_ = false;
    run_due();
  }
}

}  // namespace sallyport::server
