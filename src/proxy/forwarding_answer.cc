// The answer's body of a request that is forwarded: taken from its connection, decoded, and given
// on as it comes.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "proxy/forwarding.h"
#include "proxy/response_fields.h"
#include "proxy/trailers.h"

namespace sallyport::proxy {
namespace {

using http::IoStatus;

constexpr std::size_t kPiece = 16 * 1024;

}  // namespace

void Forwarding::prepare_answer() {
  answered_ = true;
  fields_.clear();
  append_answer_fields(fields_, *order_.rules, head_);
  link_->consume(head_bytes_);
  left_ = head_.body == http::BodyKind::Length ? head_.length : 0;
  chunks_.reset();
  ended_ = head_.body == http::BodyKind::None;
}

std::optional<std::uint64_t> Forwarding::length() const {
  if (head_.has_length) return head_.length;
  if (head_.body == http::BodyKind::None && order_.request->method != http::Method::Head) return 0;
  return std::nullopt;
}

// Of what has been received: the part that is body, decoded. Empty when nothing is there.
std::string_view Forwarding::take_body() {
  std::string_view bytes = link_->received();
  if (ended_ || broken_ != Reason::Ok || bytes.empty()) return {};
  if (head_.body == http::BodyKind::Chunked) {
    piece_.clear();
    const std::size_t before = bytes.size();
    const auto state = chunks_.feed(bytes, piece_, SIZE_MAX / 2);
    link_->consume(before - bytes.size());
    if (state == http::ChunkedDecoder::State::Fault) broken_ = Reason::UpstreamUnparsable;
    if (state == http::ChunkedDecoder::State::Done) {
      ended_ = true;
      if (order_.rules->route->trailers) append_trailers(trailers_, chunks_.trailers(), false);
    }
    return piece_;
  }
  if (head_.body == http::BodyKind::Length) {
    bytes = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), left_)));
    left_ -= bytes.size();
    ended_ = left_ == 0;
  }
  link_->consume(bytes.size());
  return bytes;
}

std::string_view Forwarding::ready() { return take_body(); }

Task<std::expected<std::string_view, Reason>> Forwarding::next() {
  // However much is there at once: a client that reads slowly finds something each time.
  if (clock_.coarse_us() >= give_up_us_) co_return std::unexpected(Reason::UpstreamTooSlow);
  deadline(order_.rules->route->body_timeout);
  for (;;) {
    const std::string_view piece = take_body();
    if (broken_ != Reason::Ok) {
      deadline_us_ = 0;
      co_return std::unexpected(broken_);
    }
    if (!piece.empty() || ended_) {
      deadline_us_ = 0;
      co_return piece;
    }
    if (expired_) co_return std::unexpected(Reason::UpstreamTooSlow);
    const http::IoResult result = link_->fill(kPiece);
    if (result.status == IoStatus::Done) continue;
    if (result.status == IoStatus::Closed && head_.body == http::BodyKind::UntilClose) {
      ended_ = true;
      continue;
    }
    if (result.status == IoStatus::Closed || result.status == IoStatus::Fault) {
      deadline_us_ = 0;
      co_return std::unexpected(Reason::UpstreamCut);
    }
    if (result.status == IoStatus::WantWrite) {
      co_await link_->writable();
    } else {
      co_await link_->readable();
    }
  }
}
}  // namespace sallyport::proxy
