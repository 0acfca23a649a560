#include "messaging/channels/smtp.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <utility>
#include <vector>

#include "messaging/address.h"

namespace sallyport::messaging {
namespace {

constexpr std::int64_t kAwayUs = 30'000'000;

std::string machine_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

// A name that is not one would be refused by the relay with every mail.
std::string helo_name(const std::string& configured) {
  std::string name = configured.empty() ? machine_name() : configured;
  return is_email_address("x@" + name) ? name : "localhost";
}

// A QUIT that cannot leave at once is given up: the connection is closed in either case.
void dismiss(SmtpSession& session) {
  Task<void> quit = session.quit();
  quit.start();
}

Delivery all_failed(const Attempt& attempt, const std::string& text) {
  Delivery delivery;
  for (const std::int32_t recipient : attempt.recipients) {
    delivery.results.push_back(
        {.recipient = recipient, .kind = RecipientResult::Kind::Failed, .code = 0, .text = text});
  }
  return delivery;
}

}  // namespace

SmtpChannel::SmtpChannel(const config::SmtpChannel& settings, OutgoingMail& mail,
                         Connector& connector, const Clock& clock, Loop* loop)
    : settings_(settings),
      mail_(mail),
      helo_(helo_name(settings.helo)),
      connector_(connector),
      clock_(clock),
      loop_(loop) {
  relays_.emplace_back().settings = &settings;
  for (const config::SmtpRelay& one : settings.more) relays_.emplace_back().settings = &one;
}

SmtpChannel::~SmtpChannel() {
  *alive_ = false;
  for (Relay& relay : relays_) {
    for (Idle& one : relay.idle) dismiss(*one.session);
  }
}

Result<void> SmtpChannel::load_passwords() {
  for (Relay& relay : relays_) {
    const std::string& path = relay.settings->password_file;
    if (path.empty()) continue;
    struct stat found{};
    std::ifstream file(path, std::ios::binary);
    std::string line;
    if (::stat(path.c_str(), &found) != 0 || !file || !std::getline(file, line) || line.empty()) {
      return fail(ErrorKind::Invalid, path + ": the relay's password cannot be read");
    }
    if ((found.st_mode & 077U) != 0) {
      return fail(ErrorKind::Invalid, path + ": others than its owner can read it (chmod 600)");
    }
    if (line.ends_with('\r')) line.pop_back();
    relay.password = Secret(std::move(line));
  }
  return {};
}

void SmtpChannel::release() {
  if (waiting_.empty()) {
    --in_use_;
    return;
  }
  auto next = std::move(waiting_.front());
  waiting_.pop_front();
  next(true);  // the place goes from hand to hand
}

std::unique_ptr<SmtpSession> SmtpChannel::take_idle(Relay& relay) {
  if (relay.idle.empty()) return nullptr;
  auto session = std::move(relay.idle.back().session);
  relay.idle.pop_back();
  return session;
}

// Those that have waited too long.
void SmtpChannel::drop_idle() {
  const auto idle =
      std::chrono::duration_cast<std::chrono::microseconds>(settings_.idle_timeout).count();
  const std::int64_t oldest = clock_.monotonic_us() - idle;
  std::int64_t next = std::numeric_limits<std::int64_t>::max();
  for (Relay& relay : relays_) {
    while (!relay.idle.empty() && relay.idle.front().since_us <= oldest) {
      dismiss(*relay.idle.front().session);
      relay.idle.pop_front();
    }
    if (!relay.idle.empty()) next = std::min(next, relay.idle.front().since_us + idle + 1);
  }
  if (loop_ == nullptr || next == std::numeric_limits<std::int64_t>::max()) return;
  if (std::exchange(drop_idle_us_, next) == next) return;  // set already
  loop_->at(next, [this, next, alive = alive_] {
    if (*alive && drop_idle_us_ == next) drop_idle();
  });
}

void SmtpChannel::keep(Relay& relay, std::unique_ptr<SmtpSession> session) {
  if (!session->reusable()) return;  // closed, without ceremony
  if (session->mails() >= settings_.mails_per_connection) return dismiss(*session);
  relay.idle.push_back({std::move(session), clock_.monotonic_us()});
  drop_idle();
}

// Over a connection that waits, as long as there is one that still holds, else over a new one.
Task<SmtpChannel::Results> SmtpChannel::hand_to(Relay* relay, const SmtpMail* mail) {
  for (;;) {
    std::unique_ptr<SmtpSession> session = take_idle(*relay);
    if (session == nullptr) break;
    Results results = co_await session->transfer(mail);
    if (session->stale()) continue;
    keep(*relay, std::move(session));
    co_return results;
  }
  auto session = std::make_unique<SmtpSession>(settings_, *relay->settings, helo_, &relay->password,
                                               connector_, clock_);
  co_await session->open();
  if (!session->opened()) {
    relay->away_until_us = clock_.monotonic_us() + kAwayUs;
    co_return session->refusals(mail->to.size());
  }
  relay->away_until_us = 0;
  Results results = co_await session->transfer(mail);
  keep(*relay, std::move(session));
  co_return results;
}

// To the first relay that is there. What one has answered is settled; what says nothing about the
// recipients is asked of the next.
Task<SmtpChannel::Results> SmtpChannel::hand_over(const SmtpMail* mail) {
  Results results;
  const std::int64_t now = clock_.monotonic_us();
  const bool all_away =
      std::ranges::all_of(relays_, [now](const Relay& one) { return one.away_until_us > now; });
  for (Relay& relay : relays_) {
    if (relay.away_until_us > now && !all_away) continue;
    results = co_await hand_to(&relay, mail);
    const bool reached = std::ranges::any_of(results, [](const RecipientResult& one) {
      return one.kind != RecipientResult::Kind::Deferred ||
             one.cause != RecipientResult::Cause::Destination;
    });
    if (reached) break;
  }
  co_return results;
}

Task<Delivery> SmtpChannel::deliver(Attempt attempt) {
  // Before anything is waited for: the senders are read in one turn of the loop.
  std::vector<std::string> to;
  for (const std::int32_t recipient : attempt.recipients) {
    const auto one = std::ranges::find(attempt.message.recipients, recipient, &Recipient::index);
    to.push_back(one == attempt.message.recipients.end() ? "" : one->destination);
  }
  const auto from = mail_.from_of(attempt.message);
  auto content = from ? mail_.write(attempt.message, to) : std::unexpected(from.error());
  if (!content) co_return all_failed(attempt, content.error().message);

  if (in_use_ < std::max<std::uint32_t>(settings_.connections, 1)) {
    ++in_use_;
  } else {
    LoopWait<bool> place;
    waiting_.push_back(place.resolver());
    co_await place;
  }
  drop_idle();
  // Recipients whose bounces come to addresses of their own need a transaction each.
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (groups.empty() || mail_.bounces_apart()) groups.emplace_back();
    groups.back().push_back(i);
  }
  Delivery delivery;
  SmtpMail mail;
  mail.content = std::move(*content);
  for (std::size_t next = 0; next < groups.size(); ++next) {
    const std::vector<std::size_t> group = groups[next];
    mail.from = mail_.envelope_of(attempt.message, attempt.recipients[group.front()], *from);
    mail.to.clear();
    for (const std::size_t i : group) mail.to.push_back(to[i]);
    Results results = co_await hand_over(&mail);
    std::vector<std::size_t> too_many;
    for (RecipientResult& result : results) {
      const std::size_t i = group[static_cast<std::size_t>(result.recipient)];
      result.recipient = attempt.recipients[i];
      // The relay took others in this transaction and wants these in another one.
      if (result.code == 452 && result.cause == RecipientResult::Cause::Throttled) {
        too_many.push_back(i);
      } else {
        delivery.results.push_back(std::move(result));
      }
    }
    if (!too_many.empty()) groups.push_back(std::move(too_many));
  }
  release();
  co_return delivery;
}

}  // namespace sallyport::messaging
