#include "http/chunked.h"

#include <algorithm>

#include "base/encoding.h"
#include "http/token.h"

namespace sallyport::http {
namespace {

bool is_text(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F); }

}  // namespace

void ChunkedDecoder::reset() {
  step_ = Step::Size;
  over_limit_ = false;
  left_ = 0;
  digits_ = extension_ = 0;
  trailers_.clear();
}

bool ChunkedDecoder::keep(char c) {
  trailers_ += c;
  return trailers_.size() <= kTrailerBytes;
}

ChunkedDecoder::State ChunkedDecoder::feed(std::string_view& data, std::string& out,
                                           std::size_t limit) {
  while (!data.empty()) {
    if (step_ == Step::Content) {
      const std::size_t part =
          static_cast<std::size_t>(std::min<std::uint64_t>(left_, data.size()));
      out.append(data.substr(0, part));
      data.remove_prefix(part);
      left_ -= part;
      if (left_ == 0) step_ = Step::ContentCr;
      continue;
    }
    const char c = data.front();
    data.remove_prefix(1);
    switch (step_) {
      case Step::Size:
      case Step::SizeDigits: {
        if (const auto value = hex_digit(c)) {
          if (++digits_ > 15) return State::Fault;
          left_ = left_ * 16 + *value;
          step_ = Step::SizeDigits;
          break;
        }
        if (digits_ == 0) return State::Fault;
        if (c == ';') {
          step_ = Step::Extension;
        } else if (c == '\r') {
          step_ = Step::SizeLf;
        } else {
          return State::Fault;
        }
        break;
      }
      case Step::Extension:
        if (c == '\r') {
          step_ = Step::SizeLf;
        } else if (!is_text(c) || ++extension_ > kExtensionBytes) {
          return State::Fault;
        }
        break;
      case Step::SizeLf:
        if (c != '\n') return State::Fault;
        if (left_ > limit - std::min(limit, out.size())) {
          over_limit_ = true;
          return State::Fault;
        }
        step_ = left_ == 0 ? Step::TrailerStart : Step::Content;
        digits_ = 0;
        break;
      case Step::ContentCr:
        if (c != '\r') return State::Fault;
        step_ = Step::ContentLf;
        break;
      case Step::ContentLf:
        if (c != '\n') return State::Fault;
        step_ = Step::Size;
        break;
      case Step::TrailerStart:
        if (c == '\r') {
          step_ = Step::EndLf;
        } else if (token_lower(c) == 0 || !keep(c)) {
          return State::Fault;  // folded, or without a name
        } else {
          step_ = Step::TrailerName;
        }
        break;
      case Step::TrailerName:
        if (c == ':') {
          trailers_ += c;
          step_ = Step::TrailerValue;
        } else if (token_lower(c) == 0 || !keep(c)) {
          return State::Fault;
        }
        break;
      case Step::TrailerValue:
        if (c == '\r') {
          step_ = Step::TrailerLf;
        } else if (!is_text(c) || !keep(c)) {
          return State::Fault;
        }
        break;
      case Step::TrailerLf:
        if (c != '\n') return State::Fault;
        trailers_ += "\r\n";
        step_ = Step::TrailerStart;
        break;
      case Step::EndLf:
        if (c != '\n') return State::Fault;
        return State::Done;
      case Step::Content: break;  // handled above
    }
  }
  return State::More;
}

}  // namespace sallyport::http
