#include "http/connection.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/time_text.h"
#include "http/connection_ready.h"
#include "http/forwarded.h"
#include "http/head_rules.h"

namespace sallyport::http {
namespace {

constexpr std::size_t kFirstBuffer = 4096;
constexpr std::size_t kOneWrite = 64 * 1024;  // head and body up to here leave in one piece
// Of requests that came in one stream before other connections get their turn.
constexpr unsigned kPipelinedInTurn = 16;
// For the first request of a connection that was accepted just before we stop.
constexpr std::chrono::milliseconds kFirstRequest{1'000};

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

}  // namespace

Connection::Connection(ConnectionContext& context, int socket, const TlsContext* tls,
                       std::unique_ptr<Readiness> readiness, std::unique_ptr<Exchange> exchange,
                       Peer peer)
    : context_(context),
      stream_(socket, tls),
      readiness_(std::move(readiness)),
      exchange_(std::move(exchange)),
      peer_(peer),
      scanner_(context.limits) {}

Connection::~Connection() {
  if (counted_) context_.sources->leave(peer_.address);
}

void Connection::start() {
  task_ = serve();
  task_.start();
}

void Connection::tick(std::int64_t now_us) {
  if (deadline_us_ != 0 && now_us >= deadline_us_) {
    deadline_us_ = 0;
    expired_ = true;
    readiness_->cancel();
  } else if (idle_ && begin_ == end_ && !buffer_.empty()) {
    std::vector<char>().swap(buffer_);
    std::vector<char>().swap(body_raw_);
    std::string().swap(body_piece_);
    std::string().swap(out_);
    begin_ = end_ = 0;
  }
  if (body_deadline_us_ != 0 && now_us >= body_deadline_us_) {
    body_deadline_us_ = 0;
    body_expired_ = true;
    if (auto waiting = std::exchange(body_waiting_, {})) waiting.resume();
  }
}

void Connection::drain() {
  if (!idle_) return;
  if (fresh_) {
    const std::int64_t before_us = deadline_us_;
    deadline(kFirstRequest);
    deadline_us_ = std::min(deadline_us_, before_us);
    return;
  }
  deadline_us_ = 0;
  expired_ = true;
  readiness_->cancel();
}

void Connection::abandon() {
  if (deadline_us_ == 0) return;  // waits for one of ours, which has a deadline of its own
  deadline_us_ = 0;
  expired_ = true;
  closing_ = true;
  readiness_->cancel();
}

Connection::Ready Connection::ready(IoStatus wanted) {
  return {*this, wanted == IoStatus::WantWrite};
}

void Connection::note_blocked(IoStatus wanted) {
  if (wanted == IoStatus::WantRead) readiness_->drained();
  if (wanted == IoStatus::WantWrite) readiness_->filled();
}

void Connection::deadline(std::chrono::milliseconds after) {
  deadline_us_ = context_.clock.coarse_us() +
                 std::chrono::duration_cast<std::chrono::microseconds>(after).count();
}

Task<void> Connection::serve() {
  co_await converse();
  context_.ended(*this);
}

Task<void> Connection::converse() {
  const bool introduced = co_await read_announcement();
  if (!introduced || !admit()) {
    turned_away_ = true;
    co_return;
  }
  const bool greeted = co_await handshake();
  if (!greeted) {
    if (stream_.spoke_http()) {
      begin_head();
      make_request_id();
      peer_.transport = Transport::Refused;
      co_await refuse({Reason::TlsRequired, "plain HTTP on a TLS port"});
      co_await linger();
    } else {
      handshake_failed_ = true;
    }
    co_return;
  }
  while (!closing_) {
    const bool complete = co_await read_head();
    if (!complete) break;
    co_await respond();
  }
  if (closing_) {
    co_await linger();
  } else {
    stream_.shutdown_write();
  }
}

// What was received behind the last request moves to the front; its views are gone by now.
void Connection::begin_head() {
  if (begin_ != 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (!next_.empty()) {
    if (buffer_.size() < end_ + next_.size()) buffer_.resize(end_ + next_.size());
    std::memcpy(buffer_.data() + end_, next_.data(), next_.size());
    end_ += next_.size();
    next_.clear();
  }
  request_.clear();
  scanner_.reset();
  body_ = Body::None;
  responding_ = continued_ = chunked_answer_ = false;
  bytes_in_ = bytes_out_ = 0;
}

IoResult Connection::fill(std::size_t at_least) {
  if (buffer_.size() - end_ < at_least) {
    buffer_.resize(std::max(kFirstBuffer, buffer_.size() * 2));
  }
  const IoResult result = stream_.read({buffer_.data() + end_, buffer_.size() - end_});
  if (result.status == IoStatus::Done) end_ += result.bytes;
  if (stream_.is_drained()) readiness_->drained();
  if (result.status == IoStatus::WantWrite) readiness_->filled();
  return result;
}

Task<bool> Connection::read_head() {
  begin_head();
  idle_ = end_ == 0;
  // A wait that ends without a byte is followed by one more read: closing on bytes that are already
  // here would be a reset, and the request lost.
  bool last_look = idle_ && context_.draining && !fresh_;
  if (!idle_ && ++pipelined_ == kPipelinedInTurn) {
    pipelined_ = 0;
    co_await Turn{*this};
  }
  if (idle_) {
    pipelined_ = 0;
    deadline(context_.draining ? kFirstRequest : context_.limits.idle_timeout);
    if (!last_look && !stream_.has_pending()) co_await ready(IoStatus::WantRead);
  } else {
    deadline(context_.limits.head_timeout);
  }
  HeadFault fault;
  for (;;) {
    if (std::exchange(expired_, false)) {
      if (closing_) break;
      if (end_ > scanner_.begin()) {
        fault = {Reason::HeadTimeout, "head: not within limits.head_timeout"};
        break;
      }
      if (std::exchange(last_look, true)) break;
    }
    if (end_ > 0 && scanner_.scan({buffer_.data(), end_}, fault)) break;
    if (fault.reason != Reason::Ok) break;
    const IoResult result = fill(1);
    if (result.status == IoStatus::Done) {
      if (std::exchange(idle_, false)) deadline(context_.limits.head_timeout);
      last_look = false;
    } else if (result.status != IoStatus::WantRead && result.status != IoStatus::WantWrite) {
      if (end_ > scanner_.begin()) gone_within_head();
      break;
    } else if (last_look) {
      break;
    } else {
      co_await ready(result.status);
    }
  }
  deadline_us_ = 0;
  idle_ = false;
  const bool complete = fault.reason == Reason::Ok && scanner_.complete();
  if (fault.reason == Reason::Ok && !complete) co_return false;
  make_request_id();
  if (complete && parse(fault)) co_return true;
  co_await refuse(fault);
  co_return false;
}

// Nobody is there to be answered, but the log and the metrics shall know of it.
void Connection::gone_within_head() {
  make_request_id();
  Response unsent = exchange_->refuse({Reason::ClientGone,
                                       "closed within a head",
                                       peer_.address,
                                       {request_id_.data(), request_id_.size()},
                                       {},
                                       peer_.transport,
                                       0,
                                       end_,
                                       context_.clock.monotonic_us()});
  bytes_in_ = end_;
  unsent.reason = Reason::ClientGone;
  finish(unsent);
}

bool Connection::parse(HeadFault& fault) {
  request_.arrival_us = context_.clock.monotonic_us();
  request_.client = peer_.address;
  request_.client_port = peer_.port;
  request_.transport = peer_.transport;
  request_.sni = sni_;
  tell_client();
  request_.request_id = {request_id_.data(), request_id_.size()};
  request_.head_bytes = scanner_.end();
  bytes_in_ = scanner_.end();
  ParsedHead head;
  fault = parse_head(buffer_.data() + scanner_.begin(), scanner_.end() - scanner_.begin(), request_,
                     head);
  if (fault.reason == Reason::Ok) fault = apply_head_rules(head, context_.limits, request_);
  if (fault.reason == Reason::Ok && is_in(context_.trusted_proxies, peer_.address)) {
    fault = believe_proxy();
  }
  if (fault.reason == Reason::NotCanonical || fault.reason == Reason::TargetTooLong) {
    request_.head_bytes = head.target.size();  // all that the log may know of it
  }
  begin_ = scanner_.end();
  if (fault.reason != Reason::Ok) return false;
  if (request_.framing != Framing::None) {
    body_ = Body::Unread;
    body_left_ = request_.content_length;
    chunks_.reset();
  }
  return true;
}

void Connection::make_request_id() {
  constexpr char kDigits[] = "0123456789abcdef";
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = context_.ids.next_u64();
    for (std::size_t i = 0; i < 16; ++i, bits >>= 4)
      request_id_[half * 16 + i] = kDigits[bits & 15];
  }
}

Task<void> Connection::refuse(HeadFault fault) {
  const bool target_known =
      fault.reason == Reason::NotCanonical || fault.reason == Reason::TargetTooLong;
  BrokenHead broken{fault.reason,
                    fault.detail,
                    peer_.address,
                    {request_id_.data(), request_id_.size()},
                    request_.host,
                    peer_.transport,
                    target_known ? request_.head_bytes : 0,
                    end_,
                    context_.clock.monotonic_us()};
  bytes_in_ = end_;
  Response response = exchange_->refuse(broken);
  closing_ = true;
  write_head(response, true);
  if (request_.method != Method::Head) out_ += response.body;
  const bool delivered = co_await write(out_);
  if (!delivered) response.reason = Reason::ClientGone;
  finish(response);
}

// Whether the connection cannot go on behind this answer.
bool Connection::must_close(const Response& response) const {
  // Of a body without a known length HTTP/1.0 sees the end by the close (RFC 9112 6.3).
  if (response.source && !response.source->length() && request_.http10) return true;
  if (response.close || !request_.keep_alive || context_.draining || distrusted_ ||
      body_ == Body::Broken || request_.transport == Transport::Refused) {
    return true;
  }
  if (body_ != Body::Unread) return false;
  // Whoever waits for 100 may send the body or not: nobody can tell where the next head begins.
  if (request_.expect_continue && !continued_) return true;
  return request_.framing == Framing::Length && body_left_ > Connection::kDrainBytes;
}

Task<void> Connection::respond() {
  Response response = co_await exchange_->answer(request_, *this);
  responding_ = true;
  const bool close = must_close(response);
  const bool bodyless = request_.method == Method::Head || response.head.status() == 204 ||
                        response.head.status() == 304;
  write_head(response, close);
  bool delivered = false;
  if (response.source && !bodyless) {
    delivered = co_await stream_body(response.source.get(), &response.reason);
    if (!delivered) body_ = body_ == Body::Unread ? Body::Broken : body_;
  } else if (bodyless || response.body.size() <= kOneWrite) {
    if (!bodyless) out_ += response.body;
    delivered = co_await write(out_);
  } else {
    delivered = co_await write(out_);
    if (delivered) delivered = co_await write(response.body);
  }
  if (!delivered && (bodyless || !response.source)) response.reason = Reason::ClientGone;
  // Whatever it still reads of the request, it gives up; before finish(), because what is behind it
  // may end with the request.
  response.source.reset();
  finish(response);
  fresh_ = false;
  if (!delivered || close) {
    closing_ = true;
  } else if (body_ == Body::Unread) {
    const bool drained = co_await drain_body();
    if (!drained) closing_ = true;
  }
}

void Connection::write_head(const Response& response, bool close) {
  const std::int64_t second = context_.clock.unix_us() / 1'000'000;
  if (second != context_.date_second) {
    context_.date_second = second;
    context_.date = imf_fixdate(second * 1'000'000);
  }
  const int status = response.head.status();
  out_.clear();
  out_ += "HTTP/1.1 ";
  append_number(out_, static_cast<std::uint64_t>(status));
  out_ += ' ';
  out_ += reason_phrase(status);
  out_ += "\r\nDate: ";
  out_ += context_.date;
  out_ += "\r\n";
  out_ += response.head.wire();
  if (response.source) out_ += response.source->fields();
  out_ += "X-Request-Id: ";
  out_.append(request_id_.data(), request_id_.size());
  out_ += "\r\n";
  if (close) out_ += "Connection: close\r\n";
  if (!close && request_.http10) out_ += "Connection: keep-alive\r\n";
  if (status != 204 && status != 304) {
    std::optional<std::uint64_t> length = response.body.size();
    if (response.source) length = response.source->length();
    chunked_answer_ = !length && !request_.http10 && request_.method != Method::Head;
    if (length) {
      out_ += "Content-Length: ";
      append_number(out_, *length);
      out_ += "\r\n";
    } else if (chunked_answer_) {
      out_ += "Transfer-Encoding: chunked\r\n";
    }
  }
  out_ += "\r\n";
}

void Connection::append_piece(const BodySource& source, std::string_view piece) {
  if (!chunked_answer_) {
    out_ += piece;
    return;
  }
  if (!piece.empty()) {
    std::array<char, 16> digits;
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), piece.size(), 16).ptr;
    out_.append(digits.data(), end);
    out_ += "\r\n";
    out_ += piece;
    out_ += "\r\n";
  }
  if (source.ended()) {
    out_ += "0\r\n";
    out_ += source.trailers();
    out_ += "\r\n";
  }
}

// Head and what is there leave in one piece; then each piece when the one before has been taken.
Task<bool> Connection::stream_body(BodySource* source, Reason* broken) {
  append_piece(*source, source->ready());
  bool written = co_await write(out_);
  while (written && !source->ended()) {
    const auto piece = co_await source->next();
    if (!piece) {
      *broken = piece.error();
      co_return false;
    }
    if (chunked_answer_) {
      out_.clear();
      append_piece(*source, *piece);
      written = co_await write(out_);
    } else {
      written = co_await write(*piece);
    }
  }
  if (!written) *broken = Reason::ClientGone;
  co_return written;
}

Task<bool> Connection::write(std::string_view bytes) {
  deadline(context_.limits.write_timeout);
  while (!bytes.empty()) {
    const IoResult result = stream_.write(bytes);
    if (result.status == IoStatus::Done) {
      bytes.remove_prefix(result.bytes);
      bytes_out_ += result.bytes;
      if (!bytes.empty()) deadline(context_.limits.write_timeout);
      continue;
    }
    if (result.status == IoStatus::Closed || result.status == IoStatus::Fault) break;
    note_blocked(result.status);
    co_await ready(result.status);
    if (expired_) break;
  }
  deadline_us_ = 0;
  const bool written = bytes.empty();
  co_return written;
}

void Connection::finish(const Response& response) {
  Outcome outcome;
  outcome.status = response.head.status();
  outcome.reason = response.reason;
  outcome.bytes_in = bytes_in_;
  outcome.bytes_out = bytes_out_;
  outcome.end_us = context_.clock.monotonic_us();
  exchange_->finish(outcome);
}

}  // namespace sallyport::http
