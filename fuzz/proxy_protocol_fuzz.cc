// The PROXY protocol's header, whole and in pieces: same verdict, same client, and never a byte
// taken that is not its own.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "http/proxy_protocol.h"

namespace {

using sallyport::http::ProxyHeaderReader;

struct Result {
  ProxyHeaderReader::State state = ProxyHeaderReader::State::More;
  std::size_t taken = 0;
  sallyport::http::ProxyHeader header;
};

Result read(std::string_view bytes, std::size_t step) {
  ProxyHeaderReader reader;
  Result result;
  while (result.taken < bytes.size() && result.state == ProxyHeaderReader::State::More) {
    std::size_t taken = 0;
    const std::string_view piece = bytes.substr(result.taken, step);
    result.state = reader.feed(piece, taken);
    if (taken > piece.size()) std::abort();
    if (taken == 0 && result.state == ProxyHeaderReader::State::More) std::abort();
    result.taken += taken;
  }
  result.header = reader.header();
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Result whole = read(bytes, size + 1);
  for (const std::size_t step : {std::size_t{1}, std::size_t{5}}) {
    const Result pieces = read(bytes, step);
    if (pieces.state != whole.state) std::abort();
    if (whole.state != ProxyHeaderReader::State::Done) continue;
    if (pieces.taken != whole.taken || pieces.header.client != whole.header.client ||
        pieces.header.client_port != whole.header.client_port ||
        pieces.header.tls != whole.header.tls) {
      std::abort();
    }
  }
  return 0;
}
