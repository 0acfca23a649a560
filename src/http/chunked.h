// The chunked coding (RFC 9112 7.1), decoded strictly: hexadecimal size, CRLF and nothing else,
// extensions bounded and dropped, trailers bounded and kept apart. A state machine fed with
// whatever has arrived.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::http {

class ChunkedDecoder {
 public:
  enum class State : std::uint8_t { More, Done, Fault };

  // Consumes bytes from the front of `data` and appends content to `out`, never more than `limit`
  // bytes in all (then Fault with over_limit()). What follows the last chunk stays in `data`.
  State feed(std::string_view& data, std::string& out, std::size_t limit);
  bool over_limit() const { return over_limit_; }
  const std::string& trailers() const { return trailers_; }  // as they came; once Done
  void reset();  // for the next body; keeps the capacity

 private:
  enum class Step : std::uint8_t {
    Size,
    SizeDigits,
    Extension,
    SizeLf,
    Content,
    ContentCr,
    ContentLf,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
  };
  static constexpr std::size_t kExtensionBytes = 256;
  static constexpr std::size_t kTrailerBytes = 4096;

  bool keep(char c);  // of a trailer; false when there are too many

  Step step_ = Step::Size;
  bool over_limit_ = false;
  std::uint64_t left_ = 0;
  std::size_t digits_ = 0;
  std::size_t extension_ = 0;
  std::string trailers_;
};

}  // namespace sallyport::http
