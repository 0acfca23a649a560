// The body of a request on its connection: read whole on demand, or drained when nobody wants it;
// and the way a connection ends.
#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "http/connection.h"
#include "http/connection_ready.h"

namespace sallyport::http {
namespace {

constexpr std::size_t kPiece = 16 * 1024;
constexpr std::size_t kNoLimit =
    SIZE_MAX / 2;  // whoever reads a body as it comes counts for itself
constexpr std::size_t kTurnBytes = 64UL * 1024;  // read at once before others have their turn
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
// How long and how much a client that still sends is listened to after our last answer. A client
// that sends its whole body before it reads would otherwise see a reset instead of its 413.
constexpr std::chrono::milliseconds kLinger{5'000};
constexpr std::size_t kLingerBytes = 64UL * 1024 * 1024;

}  // namespace

Task<std::expected<std::string, BodyFault>> Connection::read_all(std::size_t limit) {
  if (body_ == Body::None || body_ == Body::Read) co_return std::string();
  if (body_ == Body::Broken) co_return std::unexpected(BodyFault::Gone);
  if (request_.framing == Framing::Length && body_left_ > limit) {
    co_return std::unexpected(BodyFault::TooLarge);
  }
  body_ = Body::Broken;  // until it has been read whole
  if (!say_continue()) co_return std::unexpected(BodyFault::Gone);
  const std::int64_t give_up_us =
      context_.clock.monotonic_us() +
      std::chrono::duration_cast<std::chrono::microseconds>(context_.limits.body_total_timeout)
          .count();
  std::string body;
  std::string piece;
  std::size_t in_turn = 0;
  for (;;) {
    std::string_view arrived = piece.empty() ? rest() : std::string_view(piece);
    const std::size_t before = arrived.size();
    if (request_.framing == Framing::Length) {
      const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(before, body_left_));
      body.append(arrived.substr(0, part));
      arrived.remove_prefix(part);
      body_left_ -= part;
    } else {
      const auto state = chunks_.feed(arrived, body, limit);
      if (state == ChunkedDecoder::State::Fault) {
        co_return std::unexpected(chunks_.over_limit() ? BodyFault::TooLarge
                                                       : BodyFault::Malformed);
      }
      if (state == ChunkedDecoder::State::Done) body_left_ = 0;
      if (state == ChunkedDecoder::State::More) body_left_ = 1;
    }
    const std::size_t consumed = before - arrived.size();
    bytes_in_ += consumed;
    if (piece.empty()) {
      begin_ += consumed;
    } else if (!arrived.empty()) {
      keep_for_next(arrived);
    }
    piece.clear();
    if (body_left_ == 0) break;
    const std::size_t wanted =
        request_.framing == Framing::Length
            ? static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, 4 * kPiece))
            : kPiece;
    piece.resize(wanted);
    const IoResult result = stream_.read(piece);
    piece.resize(result.status == IoStatus::Done ? result.bytes : 0);
    if (stream_.is_drained()) readiness_->drained();
    if (result.status == IoStatus::Done) {
      in_turn += result.bytes;
      if (in_turn < kTurnBytes) continue;
      in_turn = 0;
      co_await Turn{*this};
      continue;
    }
    if (result.status == IoStatus::Closed || result.status == IoStatus::Fault) {
      co_return std::unexpected(BodyFault::Gone);
    }
    deadline(context_.limits.body_timeout);
    deadline_us_ = std::min(deadline_us_, give_up_us);
    co_await ready(result.status);
    deadline_us_ = 0;
    if (std::exchange(expired_, false)) co_return std::unexpected(BodyFault::Timeout);
  }
  body_ = Body::Read;
  co_return body;
}

// Who has sent some of the body already does not wait for it, and behind a final answer there is no
// place for it. A socket that does not take 25 bytes at once has a peer that does not read.
bool Connection::say_continue() {
  if (!request_.expect_continue || responding_ || std::exchange(continued_, true)) return true;
  if (begin_ != end_) return true;
  const IoResult result = stream_.write(kContinue);
  if (result.status != IoStatus::Done || result.bytes != kContinue.size()) return false;
  bytes_out_ += result.bytes;
  return true;
}

// Takes from the front of `bytes` what belongs to the body.
BodyPiece Connection::take_piece(std::string_view& bytes) {
  std::string_view piece;
  if (request_.framing == Framing::Length) {
    piece = bytes.substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), body_left_)));
    bytes.remove_prefix(piece.size());
    body_left_ -= piece.size();
    bytes_in_ += piece.size();
    if (body_left_ == 0) body_ = Body::Read;
    return piece;
  }
  const std::size_t before = bytes.size();
  body_piece_.clear();
  const auto state = chunks_.feed(bytes, body_piece_, kNoLimit);
  bytes_in_ += before - bytes.size();
  if (state == ChunkedDecoder::State::Fault) {
    body_ = Body::Broken;
    return std::unexpected(BodyFault::Malformed);
  }
  if (state == ChunkedDecoder::State::Done) body_ = Body::Read;
  return body_piece_;
}

BodyPiece Connection::arrived() {
  if (body_ == Body::Broken) return std::unexpected(BodyFault::Gone);
  if (ended() || begin_ == end_) return std::string_view();
  std::string_view bytes = rest();
  const BodyPiece piece = take_piece(bytes);
  begin_ = end_ - bytes.size();
  return piece;
}

Task<BodyPiece> Connection::next() {
  if (body_ == Body::Broken || !say_continue()) co_return std::unexpected(BodyFault::Gone);
  if (body_raw_.empty()) body_raw_.resize(4 * kPiece);
  body_expired_ = false;
  for (;;) {
    const BodyPiece here = arrived();
    if (!here || !here->empty() || ended()) co_return here;
    const std::size_t wanted =
        request_.framing == Framing::Length
            ? static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, body_raw_.size()))
            : kPiece;
    const IoResult result = stream_.read({body_raw_.data(), wanted});
    if (stream_.is_drained()) readiness_->drained();
    if (result.status == IoStatus::Done) {
      std::string_view bytes(body_raw_.data(), result.bytes);
      const BodyPiece piece = take_piece(bytes);
      if (!bytes.empty()) keep_for_next(bytes);
      if (!piece || !piece->empty() || ended()) co_return piece;
      continue;
    }
    // Only a key update of TLS that the client does not take makes a read wait for a write.
    if (result.status != IoStatus::WantRead) {
      body_ = Body::Broken;
      co_return std::unexpected(BodyFault::Gone);
    }
    body_deadline_us_ =
        context_.clock.monotonic_us() +
        std::chrono::duration_cast<std::chrono::microseconds>(context_.limits.body_timeout).count();
    co_await BodyReady{*this};
    body_deadline_us_ = 0;
    if (std::exchange(body_expired_, false)) {
      body_ = Body::Broken;
      co_return std::unexpected(BodyFault::Timeout);
    }
  }
}

void Connection::forget() {
  body_waiting_ = {};
  body_deadline_us_ = 0;
}

// Bytes behind a chunked body belong to the next request. The head's views point into the buffer,
// so it must not move: what follows waits beside it until the next head begins.
void Connection::keep_for_next(std::string_view bytes) { next_.append(bytes); }

Task<bool> Connection::drain_body() {
  const auto body = co_await read_all(kDrainBytes);
  co_return body.has_value();
}

// The client must see our last answer, not a reset: so no close while bytes of its own are on the
// way (RFC 9112 9.6).
Task<void> Connection::linger() {
  stream_.shutdown_write();
  expired_ = false;
  deadline(kLinger);
  std::array<char, kPiece> thrown_away;
  std::size_t total = 0;
  std::size_t in_turn = 0;
  while (total < kLingerBytes && !expired_) {
    const IoResult result = stream_.read(thrown_away);
    if (stream_.is_drained()) readiness_->drained();
    if (result.status == IoStatus::Done) {
      total += result.bytes;
      in_turn += result.bytes;
      if (in_turn < kTurnBytes) continue;
      in_turn = 0;
      co_await Turn{*this};
      continue;
    }
    if (result.status == IoStatus::Closed || result.status == IoStatus::Fault) break;
    co_await ready(result.status);
  }
  deadline_us_ = 0;
}

}  // namespace sallyport::http
