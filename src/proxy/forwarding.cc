#include "proxy/forwarding.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "proxy/trailers.h"

namespace sallyport::proxy {
namespace {

using http::IoStatus;

// Of an upstream's head. Its fields are not ours to judge, so there is room.
constexpr std::uint32_t kHeadBytes = 64 * 1024;
constexpr std::uint32_t kHeadFields = 500;
constexpr std::size_t kFirstRead = 4 * 1024;
constexpr std::size_t kPiece = 16 * 1024;
constexpr std::string_view kVersion = "HTTP/1.";
constexpr unsigned kMostInterim = 16;  // 1xx before the answer
// How long an upstream may keep silent about an expectation before the body is sent (RFC 9110
// 10.1.1).
constexpr std::chrono::milliseconds kContinueWait{1'000};

std::int64_t in_us(std::chrono::milliseconds time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

config::Limits limits_of_answers() {
  config::Limits limits;
  limits.head_bytes = kHeadBytes;
  limits.head_fields = kHeadFields;
  limits.target_bytes = kHeadBytes;
  return limits;
}

// May be done twice as well as once (RFC 9110 9.2.2).
bool is_idempotent(http::Method method) {
  return method != http::Method::Post && method != http::Method::Patch;
}

Reason reason_of(http::BodyFault fault) {
  switch (fault) {
    case http::BodyFault::TooLarge: return Reason::BodyTooLarge;
    case http::BodyFault::Timeout: return Reason::BodyTimeout;
    case http::BodyFault::Malformed: return Reason::BadFraming;
    case http::BodyFault::Gone: return Reason::ClientGone;
  }
  return Reason::ClientGone;
}

}  // namespace

Forwarding::Forwarding(const Clock& clock, const AssertionSigner* signer)
    : clock_(clock), signer_(signer), head_limits_(limits_of_answers()), scanner_(head_limits_) {}

void Forwarding::deadline(std::chrono::milliseconds after) {
  deadline_us_ = std::min(clock_.coarse_us() + in_us(after), give_up_us_);
  expired_ = false;
}

void Forwarding::abandon() {
  give_up_us_ = 0;
  deadline_us_ = 1;
}

void Forwarding::tick(std::int64_t now_us) {
  if (deadline_us_ == 0 || now_us < deadline_us_) return;
  deadline_us_ = 0;
  expired_ = true;
  if (link_ == nullptr) return;
  link_->wake_reader();
  // The reader may have ended everything.
  if (link_ != nullptr) link_->wake_writer();
}

Task<Reason> Forwarding::run(Order order) {
  order_ = order;
  give_up_us_ = clock_.coarse_us() + in_us(order_.rules->route->total_timeout);
  entered_ = order_.pool->enter();
  if (!entered_) co_return Reason::UpstreamBusy;
  if (order_.request->content_length > order_.body_limit) co_return Reason::BodyTooLarge;
  if (const Reason fault = write_head(); fault != Reason::Ok) co_return fault;
  if (const Reason fault = first_bytes(); fault != Reason::Ok) co_return fault;
  for (std::uint32_t tries = 0;;) {
    const Try result = co_await attempt();
    if (result.reason == Reason::Ok || !result.safe) co_return result.reason;
    if (clock_.coarse_us() >= give_up_us_) co_return result.reason;
    if (result.stale) {
      fresh_only_ = true;  // a connection that we chose to keep is our risk, not the client's
      continue;
    }
    if (++tries > order_.rules->route->retries || !order_.pool->may_retry()) {
      co_return result.reason;
    }
  }
}

// The assertion is of the request, so each of its tries has the same: an upstream that has seen it
// has seen this request.
Reason Forwarding::write_head() {
  const Upstream& upstream = order_.pool->upstream();
  const config::Upstream& settings = upstream.settings();
  std::string assertion;
  if (const std::string& audience = settings.assertion.audience; !audience.empty()) {
    if (signer_ != nullptr) {
      assertion = make_assertion(*signer_, audience, *order_.rules, *order_.request, *order_.caller,
                                 clock_.unix_us());
    }
    if (assertion.empty()) return Reason::InternalError;
  }
  append_request_head(up_, *order_.rules,
                      {settings.host, settings.credential.header, upstream.credential(), assertion},
                      *order_.request, *order_.caller);
  return Reason::Ok;
}

// What came with the head goes up with the head, in one write.
Reason Forwarding::first_bytes() {
  if (order_.body->ended()) return Reason::Ok;
  const http::BodyPiece piece = order_.body->arrived();
  if (!piece) return reason_of(piece.error());
  sent_ += piece->size();
  if (sent_ > order_.body_limit) return Reason::BodyTooLarge;
  append_up(up_, *piece);
  return Reason::Ok;
}

// A piece of the body in the framing of the request; with the last one its end.
void Forwarding::append_up(std::string& out, std::string_view piece) {
  if (order_.request->framing != http::Framing::Chunked) {
    out += piece;
    return;
  }
  if (!piece.empty()) {
    std::array<char, 16> digits;
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), piece.size(), 16).ptr;
    out.append(digits.data(), end);
    out += "\r\n";
    out += piece;
    out += "\r\n";
  }
  if (order_.body->ended()) {
    out += "0\r\n";
    if (order_.rules->route->trailers) append_trailers(out, order_.body->trailers(), true);
    out += "\r\n";
  }
}

Task<Forwarding::Try> Forwarding::attempt() {
  Pool& pool = *order_.pool;
  const auto endpoint = pool.pick(avoid_);
  if (!endpoint) co_return Try{Reason::UpstreamEjected, false, false};
  pool.begin(*endpoint);
  counted_ = endpoint;
  if (!fresh_only_) link_ = pool.take(*endpoint);
  if (link_ == nullptr) {
    const Reason reason = co_await connect(*endpoint);
    if (reason != Reason::Ok) {
      if (reason == Reason::UpstreamRefused || reason == Reason::UpstreamTls) {
        pool.upstream().counters().connect_failures.fetch_add(1, std::memory_order_relaxed);
      }
      pool.upstream().note_failure(*endpoint, clock_.monotonic_us());
      avoid_ = endpoint;
      release();
      co_return Try{reason, true, false};
    }
  }
  const bool used = link_->is_used();
  Try result = co_await converse();
  if (result.reason == Reason::Ok) {
    // An upstream that says itself that it cannot is no better than one that says nothing.
    const bool failed = head_.status >= 502 && head_.status <= 504;
    if (failed) {
      pool.upstream().note_failure(*endpoint, clock_.monotonic_us());
    } else {
      pool.upstream().note_success(*endpoint);
    }
    co_return result;
  }
  stop_pump();
  result.stale = used && result.safe && result.reason == Reason::UpstreamReset;
  const bool upstreams_fault = upload_fault_ == Reason::Ok;
  if (upstreams_fault && !result.stale) {
    pool.upstream().note_failure(*endpoint, clock_.monotonic_us());
    avoid_ = endpoint;
  }
  release();
  co_return result;
}

Task<Reason> Forwarding::connect(std::size_t endpoint) {
  link_ = order_.pool->open(endpoint);
  if (link_ == nullptr) co_return Reason::UpstreamRefused;
  deadline(order_.rules->route->connect_timeout);
  const Reason reason = co_await link_->establish(&expired_);
  deadline_us_ = 0;
  co_return reason;
}

Task<bool> Forwarding::write_up(std::string_view bytes) {
  while (!bytes.empty()) {
    const http::IoResult result = link_->write(bytes);
    if (result.status == IoStatus::Done) {
      bytes.remove_prefix(result.bytes);
      continue;
    }
    if (result.status != IoStatus::WantWrite) co_return false;
    co_await link_->writable();
    if (expired_) co_return false;
  }
  co_return true;
}

Task<Forwarding::Try> Forwarding::converse() {
  const std::chrono::milliseconds head_timeout = order_.rules->route->head_timeout;
  scanner_.reset();
  deadline(head_timeout);
  const bool written = co_await write_up(up_);
  if (!written && expired_) co_return Try{Reason::UpstreamTooSlow, false, false};
  upload_broken_ = !written;  // what it has said before it closed is read all the same
  uploaded_ = written && order_.body->ended();
  if (!order_.body->ended() && written) {
    if (order_.request->expect_continue && sent_ == 0) {
      const Reason refused = co_await await_continue();
      if (refused != Reason::Ok) {
        const bool nothing = link_->received().empty() && refused == Reason::UpstreamReset;
        co_return Try{refused, nothing && may_repeat(), false};
      }
    }
  }
  deadline(head_timeout);
  if (!order_.body->ended() && written && !answered_) start_pump();
  const Reason reason = answered_ ? Reason::Ok : co_await read_head();
  deadline_us_ = 0;
  if (reason != Reason::Ok) {
    const bool nothing = link_->received().empty() && reason == Reason::UpstreamReset;
    co_return Try{reason, nothing && may_repeat(), false};
  }
  prepare_answer();
  co_return Try{};
}

// Nothing of the body was taken from the client that a further try would miss.
bool Forwarding::may_repeat() const { return !pumping_ && is_idempotent(order_.request->method); }

// Waits for a word of the upstream about the expectation: 100, or an answer, which is then there.
// One that keeps silent gets the body.
Task<Reason> Forwarding::await_continue() {
  deadline(kContinueWait);
  const Reason reason = co_await read_head();
  answered_ = reason == Reason::Ok && head_.status >= 200;
  const bool silent = reason == Reason::UpstreamTooSlow && clock_.coarse_us() < give_up_us_;
  expired_ = false;
  co_return silent ? Reason::Ok : reason;
}

// Ok with a final head, with 100 when that is awaited, else why there is none.
Task<Reason> Forwarding::read_head() {
  const bool awaits_continue = order_.request->expect_continue && !pumping_ && sent_ == 0 &&
                               !order_.body->ended() && !upload_broken_;
  for (unsigned interim = 0; interim < kMostInterim;) {
    http::HeadFault fault;
    if (!link_->received().empty() && scanner_.scan(link_->received(), fault)) {
      const std::size_t size = scanner_.end();
      const bool clean = scanner_.begin() == 0 &&
                         http::parse_response_head(link_->received().substr(0, size),
                                                   order_.request->method, head_) == nullptr;
      if (!clean || head_.status == 101) co_return Reason::UpstreamUnparsable;
      scanner_.reset();
      if (head_.status >= 200) {
        head_bytes_ = size;
        co_return Reason::Ok;
      }
      link_->consume(size);
      ++interim;
      if (head_.status == 100 && awaits_continue) co_return Reason::Ok;
      continue;
    }
    const std::string_view said = link_->received();
    const bool garbage = said.substr(0, kVersion.size()) != kVersion.substr(0, said.size());
    if (garbage || fault.reason != Reason::Ok) co_return Reason::UpstreamUnparsable;
    if (expired_ && awaits_client_) upload_fault_ = Reason::BodyTimeout;
    if (upload_fault_ != Reason::Ok) co_return upload_fault_;
    if (expired_) co_return Reason::UpstreamTooSlow;
    const http::IoResult result = link_->fill(kFirstRead);
    if (result.status == IoStatus::Done) continue;
    if (result.status == IoStatus::Closed || result.status == IoStatus::Fault) {
      co_return link_->was_alerted() ? Reason::UpstreamTls : Reason::UpstreamReset;
    }
    if (result.status == IoStatus::WantWrite) {
      co_await link_->writable();
    } else {
      co_await link_->readable();
    }
  }
  co_return Reason::UpstreamUnparsable;
}

void Forwarding::start_pump() {
  pumping_ = true;
  pump_ = pump();
  pump_.start();
}

// Its waits are forgotten first, so that nobody resumes what is destroyed here.
void Forwarding::stop_pump() {
  if (pump_.done()) return;
  order_.body->forget();
  if (link_ != nullptr) link_->forget_writer();
  pump_ = Task<void>();
}

// As long as the client has the word, the upstream is not too slow. What it may take in all is the
// request's body_timeout and total_timeout.
void Forwarding::await_client() {
  if (answered_) return;
  awaits_client_ = true;
  deadline_us_ = give_up_us_;
}

Task<void> Forwarding::pump() {
  while (!order_.body->ended()) {
    await_client();
    const http::BodyPiece piece = co_await order_.body->next();
    awaits_client_ = false;
    if (!answered_) deadline(order_.rules->route->head_timeout);
    if (piece) sent_ += piece->size();
    if (!piece || sent_ > order_.body_limit) {
      upload_fault_ = piece ? Reason::BodyTooLarge : reason_of(piece.error());
      if (!answered_) link_->wake_later();  // whoever is woken may end this coroutine
      co_return;
    }
    bool written = false;
    if (order_.request->framing == http::Framing::Chunked) {
      up_piece_.clear();
      append_up(up_piece_, *piece);
      written = co_await write_up(up_piece_);
    } else {
      written = co_await write_up(*piece);
    }
    if (!written) {
      upload_broken_ = true;
      co_return;
    }
    if (!answered_) deadline(order_.rules->route->head_timeout);
  }
  uploaded_ = true;
}

// The connection goes back only when both sides have said all and nothing more.
void Forwarding::release() {
  if (const auto counted = std::exchange(counted_, {})) order_.pool->end(*counted);
  if (link_ == nullptr) return;
  const bool clean = answered_ && ended_ && uploaded_ && head_.keep_alive;
  std::unique_ptr<Link> link = std::move(link_);
  if (clean) order_.pool->keep(std::move(link));
}

void Forwarding::finish() {
  stop_pump();
  release();
  if (std::exchange(entered_, false)) order_.pool->leave();
  order_ = {};
  avoid_.reset();
  fresh_only_ = pumping_ = uploaded_ = upload_broken_ = answered_ = ended_ = expired_ = false;
  awaits_client_ = false;
  upload_fault_ = broken_ = Reason::Ok;
  sent_ = left_ = 0;
  head_bytes_ = 0;
  deadline_us_ = 0;
  scanner_.reset();
  up_.clear();
  fields_.clear();
  trailers_.clear();
  pump_ = Task<void>();
  if (piece_.capacity() > kPiece * 4) std::string().swap(piece_);
}

}  // namespace sallyport::proxy
