// The canonical target holds its invariants for any bytes: what was accepted is accepted again and
// unchanged, and no upstream could read it as another path.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/result.h"
#include "http/canonical.h"

namespace {

using sallyport::http::Request;

void check_path(std::string_view path) {
  SALLYPORT_CHECK(!path.empty() && path.front() == '/');
  SALLYPORT_CHECK(path.find("//") == std::string_view::npos);
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    SALLYPORT_CHECK(byte > 0x20 && byte < 0x7F && c != '\\' && c != '#' && c != ';' && c != '?');
  }
  const auto decoded = sallyport::percent_decode(path);
  SALLYPORT_CHECK(decoded && sallyport::is_utf8(*decoded));
  std::string_view rest = *decoded;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    SALLYPORT_CHECK(segment != "." && segment != "..");
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const std::size_t line = input.find('\n');
  const std::string target(input.substr(0, line));
  const std::string host(line == std::string_view::npos ? "example.com" : input.substr(line + 1));
  Request request;
  if (sallyport::http::make_canonical(request, target, host) != nullptr) return 0;
  check_path(request.path);
  std::string again_target(request.path);
  if (!request.query.empty()) again_target += "?" + std::string(request.query);
  const std::string again_host(request.host);
  Request again;
  SALLYPORT_CHECK(sallyport::http::make_canonical(again, again_target, again_host) == nullptr);
  SALLYPORT_CHECK(again.path == request.path && again.host == request.host);
  SALLYPORT_CHECK(again.segments == request.segments);
  SALLYPORT_CHECK(again.pairs.size() == request.pairs.size());
  return 0;
}
