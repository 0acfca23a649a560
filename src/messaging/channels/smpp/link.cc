#include "messaging/channels/smpp/link.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <utility>

#include "base/log.h"

namespace sallyport::messaging {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kLongestReconnectUs = 60 * kSecondUs;
constexpr std::int64_t kLongestSlowUs = 30 * kSecondUs;
constexpr std::size_t kMostDelivering = 1'000;       // more are to be sent again
constexpr std::size_t kMostOverdue = 1'000;          // whose late response is still of use
constexpr std::uint32_t kLastSequence = 0x7FFFFFFF;  // 5.1.4

bool is_response(SmppCommand command) {
  return (static_cast<std::uint32_t>(command) & 0x80000000U) != 0;
}

}  // namespace

SmppLink::SmppLink(const SmppBind& bind, Secret password, Connector& connector, Loop& loop,
                   const Clock& clock, SmppCounters& counters, OnDeliver on_deliver,
                   OnBound on_bound)
    : bind_(bind),
      password_(std::move(password)),
      connector_(connector),
      loop_(loop),
      clock_(clock),
      counters_(counters),
      on_deliver_(std::move(on_deliver)),
      on_bound_(std::move(on_bound)) {}

SmppLink::~SmppLink() { *alive_ = false; }

void SmppLink::start() {
  run_ = run();
  run_.start();
}

std::int64_t SmppLink::after(std::chrono::milliseconds time) const {
  return clock_.monotonic_us() +
         std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

std::uint32_t SmppLink::next_sequence() {
  sequence_ = sequence_ == kLastSequence ? 1 : sequence_ + 1;
  return sequence_;
}

std::size_t SmppLink::room() const {
  if (!bound() || clock_.monotonic_us() < slow_until_us_) return 0;
  const std::size_t used = outstanding_.size() + admitted_ + waiting_.size();
  return used >= bind_.window ? 0 : bind_.window - used;
}

Task<void> SmppLink::run() {
  for (;;) {
    const Result<void> opened = co_await open();
    if (opened) {
      co_await converse();
    } else {
      log::warn(fmt::format("SMPP bind {}: {}", bind_.name, opened.error().message));
    }
    lost();
    if (stopping_) co_return;
    const std::int64_t wait = std::min(kSecondUs << std::min(reconnects_, 6U), kLongestReconnectUs);
    ++reconnects_;
    co_await pause(wait);
    if (stopping_) co_return;
  }
}

void SmppLink::stop() {
  stopping_ = true;
  send_away();
}

bool SmppLink::close() {
  if (bound_) send({SmppCommand::Unbind, kSmppOk, next_sequence(), {}});
  return bound_;
}

Task<Result<void>> SmppLink::open() {
  const std::int64_t deadline = after(bind_.timeout);
  auto connected = co_await connector_.connect(bind_.host, bind_.port, deadline);
  if (!connected) co_return std::unexpected(connected.error());
  stream_ = std::move(*connected);
  ++connection_;
  if (bind_.tls) {
    TlsPolicy policy{.host = bind_.host, .ca_file = bind_.ca_file, .verify = bind_.verify};
    auto secured = co_await stream_->start_tls(std::move(policy), deadline);
    if (!secured) co_return secured;
  }
  Result<void> bound = co_await bind();
  co_return bound;
}

Task<Result<void>> SmppLink::bind() {
  auto body = bind_body({bind_.system_id, std::string(password_.reveal()), bind_.system_type});
  if (!body) co_return std::unexpected(body.error());
  const std::int64_t deadline = after(bind_.timeout);
  const std::string request =
      encoded({SmppCommand::BindTransceiver, kSmppOk, next_sequence(), std::move(*body)});
  auto written = co_await stream_->write_all(request, deadline);
  if (!written) co_return written;
  std::array<char, 4096> buffer;
  for (;;) {
    auto pdu = take_pdu(input_);
    if (!pdu) co_return std::unexpected(pdu.error());
    if (*pdu) {
      const SmppCommand command = (*pdu)->command;
      if (command != SmppCommand::BindTransceiverResp && command != SmppCommand::GenericNack) {
        co_return fail(ErrorKind::Unavailable, "SMPP: something else before bind_transceiver_resp");
      }
      if ((*pdu)->status != kSmppOk || command == SmppCommand::GenericNack) {
        co_return fail(ErrorKind::Unavailable,
                       "the bind was refused: " + smpp_status_text((*pdu)->status));
      }
      break;
    }
    auto got = co_await stream_->read_some(buffer, deadline);
    if (!got) co_return std::unexpected(got.error());
    if (*got == 0) co_return fail(ErrorKind::Unavailable, "closed before it was bound");
    input_.append(buffer.data(), *got);
  }
  bound_ = true;
  counters_.bound = 1;
  ++counters_.binds;
  reconnects_ = 0;
  heard_us_ = asked_us_ = clock_.monotonic_us();
  log::info(fmt::format("SMPP bind {} is up", bind_.name));
  tick();
  admit();
  if (on_bound_) on_bound_();
  co_return Result<void>();
}

// Reads until the connection ends. Whatever was read before is in input_.
Task<void> SmppLink::converse() {
  std::array<char, 16 * 1024> buffer;
  for (;;) {
    for (;;) {
      auto pdu = take_pdu(input_);
      if (!pdu) {
        log::warn(fmt::format("SMPP bind {}: {}", bind_.name, pdu.error().message));
        co_return;
      }
      if (!*pdu) break;
      heard_us_ = clock_.monotonic_us();
      if ((*pdu)->command == SmppCommand::UnbindResp) co_return;
      if ((*pdu)->command == SmppCommand::Unbind) {
        auto answer = encoded({SmppCommand::UnbindResp, kSmppOk, (*pdu)->sequence, {}});
        if (!writing_) (void)co_await stream_->write_all(answer, after(bind_.timeout));
        co_return;
      }
      take(**pdu);
    }
    // Silence is watched by tick(), which asks before it gives up; this bound is behind that one.
    auto got = co_await stream_->read_some(buffer, after(bind_.enquire_interval * 3));
    if (!got || *got == 0) {
      log::warn(fmt::format("SMPP bind {}: {}", bind_.name,
                            got ? std::string("closed by the SMSC") : got.error().message));
      co_return;
    }
    input_.append(buffer.data(), *got);
  }
}

void SmppLink::take(const SmppPdu& pdu) {
  switch (pdu.command) {
    case SmppCommand::SubmitSmResp:
    case SmppCommand::GenericNack: answered(pdu); break;
    case SmppCommand::DeliverSm: take_delivery(pdu); break;
    case SmppCommand::EnquireLink:
      send({SmppCommand::EnquireLinkResp, kSmppOk, pdu.sequence, {}});
      break;
    default:
      if (!is_response(pdu.command)) {
        send({SmppCommand::GenericNack, kSmppInvalidCommand, pdu.sequence, {}});
      }
  }
}

void SmppLink::take_delivery(const SmppPdu& pdu) {
  auto delivered = read_deliver(pdu.body);
  const std::uint32_t sequence = pdu.sequence;
  if (!delivered) {
    log::warn(fmt::format("SMPP bind {}: {}", bind_.name, delivered.error().message));
    send({SmppCommand::DeliverSmResp, kSmppSystemError, sequence, std::string(1, '\0')});
    return;
  }
  if (delivering_ >= kMostDelivering) {
    send({SmppCommand::DeliverSmResp, kSmppTemporary, sequence, std::string(1, '\0')});
    return;
  }
  ++delivering_;
  on_deliver_(std::move(*delivered),
              [this, sequence, connection = connection_, alive = alive_](std::uint32_t status) {
                if (!*alive) return;
                --delivering_;
                if (connection != connection_ || !bound_) return;
                send({SmppCommand::DeliverSmResp, status, sequence, std::string(1, '\0')});
              });
}

void SmppLink::answered(const SmppPdu& pdu) {
  const auto found = outstanding_.find(pdu.sequence);
  if (found == outstanding_.end()) return answered_late(pdu);
  SmppAnswer answer{answer_kind(pdu.status), pdu.status, {}};
  if (pdu.command == SmppCommand::GenericNack && pdu.status == kSmppOk) {
    answer.kind = SmppAnswer::Kind::Refused;
  } else if (answer.kind == SmppAnswer::Kind::Accepted) {
    auto id = submit_response_id(pdu.body);
    if (id) answer.id = std::move(*id);  // without one no receipt will find it; it was accepted
    slow_us_ = 0;
  } else if (answer.kind == SmppAnswer::Kind::Throttled &&
             clock_.monotonic_us() >= slow_until_us_) {
    // Once for all that were on their way together.
    slow_us_ = std::clamp(slow_us_ * 2, kSecondUs, kLongestSlowUs);
    slow_until_us_ = clock_.monotonic_us() + slow_us_;
  }
  const Outcome resolve = found->second.resolve;
  outstanding_.erase(found);
  show_window();
  count_answer(counters_, answer.kind);
  admit();
  resolve(std::move(answer));
}

// Of what was given up, or of an enquiry. Only that it was accepted is news.
void SmppLink::answered_late(const SmppPdu& pdu) {
  auto found = overdue_.extract(pdu.sequence);
  if (found.empty() || pdu.command != SmppCommand::SubmitSmResp || pdu.status != kSmppOk) return;
  auto id = submit_response_id(pdu.body);
  if (id && found.mapped()) found.mapped()(std::move(*id));
}

void SmppLink::give_up(std::uint32_t sequence) {
  auto found = outstanding_.extract(sequence);
  if (found.empty()) return;
  if (overdue_.size() == kMostOverdue) overdue_.erase(overdue_.begin());
  overdue_.emplace(sequence, std::move(found.mapped().on_late));
  show_window();
  count_answer(counters_, SmppAnswer::Kind::InDoubt);
  admit();
  found.mapped().resolve({SmppAnswer::Kind::InDoubt, kSmppOk, {}});
}

void SmppLink::show_window() { counters_.window = static_cast<std::int64_t>(outstanding_.size()); }

// The connection is gone: nobody will answer what was sent on it.
void SmppLink::lost() {
  if (stream_) stream_->close();
  bound_ = false;
  counters_.bound = 0;
  overdue_.clear();
  input_.clear();
  output_.clear();
  auto unanswered = std::exchange(outstanding_, {});
  show_window();
  for (const auto& [sequence, one] : unanswered) {
    count_answer(counters_, SmppAnswer::Kind::InDoubt);
    one.resolve({SmppAnswer::Kind::InDoubt, kSmppOk, {}});
  }
  send_away();
}

// Those that wait for a place: another bind may have one.
void SmppLink::send_away() {
  auto waiting = std::exchange(waiting_, {});
  for (const auto& resolve : waiting) resolve(false);
}

Task<void> SmppLink::pause(std::int64_t us) {
  LoopWait<bool> over;
  loop_.at(clock_.monotonic_us() + us, [resolve = over.resolver()] { resolve(true); });
  co_await over;
}

void SmppLink::send(const SmppPdu& pdu) {
  if (!stream_) return;
  output_ += encoded(pdu);
  begin_writing();
}

// Not at once: what is sent in one turn of the loop leaves in one write.
void SmppLink::begin_writing() {
  if (std::exchange(writing_, true)) return;
  loop_.post([this, alive = alive_] {
    if (!*alive) return;
    write_ = write();
    write_.start();
  });
}

Task<void> SmppLink::write() {
  const std::uint64_t connection = connection_;
  while (!output_.empty() && connection == connection_ && stream_) {
    const std::string bytes = std::exchange(output_, {});
    auto written = co_await stream_->write_all(bytes, after(bind_.timeout));
    if (!written) {
      stream_->close();  // converse() ends
      break;
    }
  }
  writing_ = false;
  if (connection != connection_ && !output_.empty()) begin_writing();
}

// Once a second while it is bound: asks whether the other side lives, and ends what does not
// answer.
void SmppLink::tick() {
  const std::uint64_t connection = connection_;
  loop_.at(clock_.monotonic_us() + kSecondUs, [this, connection, alive = alive_] {
    if (!*alive || connection != connection_ || !bound_) return;
    const std::int64_t now = clock_.monotonic_us();
    const auto interval =
        std::chrono::duration_cast<std::chrono::microseconds>(bind_.enquire_interval).count();
    if (now - heard_us_ > interval * 2) {
      log::warn(fmt::format("SMPP bind {}: no answer to enquire_link", bind_.name));
      stream_->close();
      return;
    }
    if (now - std::max(heard_us_, asked_us_) >= interval) {
      asked_us_ = now;
      send({SmppCommand::EnquireLink, kSmppOk, next_sequence(), {}});
    }
    tick();
  });
}

// Gives free places to those who wait, at the pace that the bind may have.
void SmppLink::admit() {
  while (!waiting_.empty() && bound() && outstanding_.size() + admitted_ < bind_.window) {
    const std::int64_t now = clock_.monotonic_us();
    const std::int64_t when = std::max(slow_until_us_, next_send_us_);
    if (now < when) {
      if (std::exchange(admitting_, true)) return;
      loop_.at(when, [this, alive = alive_] {
        if (!*alive) return;
        admitting_ = false;
        admit();
      });
      return;
    }
    const auto resolve = waiting_.front();
    waiting_.pop_front();
    if (resolve.settled()) continue;  // waited too long
    if (bind_.per_second != 0) {
      next_send_us_ = std::max(now, next_send_us_) + kSecondUs / bind_.per_second;
    }
    ++admitted_;
    resolve(true);
  }
}

Task<SmppAnswer> SmppLink::submit(SubmitRequest request, OnLate on_late) {
  auto body = submit_body(request);
  if (!body) {
    log::error(body.error().message);
    co_return SmppAnswer{SmppAnswer::Kind::Refused, kSmppSystemError, {}};
  }
  LoopWait<bool> place;
  waiting_.push_back(place.resolver());
  loop_.at(after(bind_.timeout), [resolve = place.resolver()] { resolve(false); });
  // Whoever has a place may be resumed from here; posted, so that the caller is suspended by then.
  loop_.post([this, alive = alive_] {
    if (*alive) admit();
  });
  const bool admitted = co_await place;
  if (!admitted) co_return SmppAnswer{};
  --admitted_;
  if (!bound()) co_return SmppAnswer{};
  const std::uint32_t sequence = next_sequence();
  LoopWait<SmppAnswer> outcome;
  outstanding_.emplace(sequence, Submission{outcome.resolver(), std::move(on_late)});
  show_window();
  loop_.at(after(bind_.timeout), [this, sequence, alive = alive_] {
    if (*alive) give_up(sequence);
  });
  send({SmppCommand::SubmitSm, kSmppOk, sequence, std::move(*body)});
  SmppAnswer answer = co_await outcome;
  co_return answer;
}

}  // namespace sallyport::messaging
