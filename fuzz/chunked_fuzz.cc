// A chunked body in one piece and byte by byte: the same verdict, the same content, the same end;
// and never more content than the limit.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/chunked.h"

namespace {

using sallyport::http::ChunkedDecoder;

constexpr std::size_t kLimit = 100;

struct Decoded {
  ChunkedDecoder::State state = ChunkedDecoder::State::More;
  bool over_limit = false;
  std::string content;
  std::size_t consumed = 0;
};

Decoded decode(std::string_view bytes, std::size_t step) {
  ChunkedDecoder decoder;
  Decoded out;
  while (!bytes.empty() && out.state == ChunkedDecoder::State::More) {
    std::string_view piece = bytes.substr(0, step);
    const std::size_t before = piece.size();
    out.state = decoder.feed(piece, out.content, kLimit);
    out.consumed += before - piece.size();
    bytes.remove_prefix(before - piece.size());
  }
  out.over_limit = decoder.over_limit();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const Decoded whole = decode(input, size + 1);
  const Decoded slow = decode(input, 1);
  SALLYPORT_CHECK(whole.content.size() <= kLimit);
  SALLYPORT_CHECK(whole.state == slow.state && whole.over_limit == slow.over_limit);
  SALLYPORT_CHECK(whole.content == slow.content && whole.consumed == slow.consumed);
  return 0;
}
