// The canonical target holds its invariants for any bytes: what was accepted is accepted again and
// unchanged, and no upstream could read it as another path.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/result.h"
#include "http/canonical.h"

namespace {

using sallyport::http::Request;

// RFC 3986 3.3: what a canonical path may be made of.
bool may_stand(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~!$&'()*+,=:@/%;").find(c) != std::string_view::npos;
}

int hex(char c) {
  const std::size_t at = std::string_view("0123456789ABCDEFabcdef").find(c);
  if (at == std::string_view::npos) return -1;
  return static_cast<int>(at > 15 ? at - 6 : at);
}

// As a careless upstream decodes: what is no escape stays as it is.
std::string decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// Where a path goes must not depend on how often somebody decodes it.
void check_segments(std::string_view path, std::size_t slashes) {
  std::size_t found = 0;
  while (!path.empty()) {
    SALLYPORT_CHECK(path.front() == '/');
    ++found;
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    const std::string_view bare = segment.substr(0, segment.find(';'));
    SALLYPORT_CHECK(bare != "." && bare != "..");
    SALLYPORT_CHECK(segment.find_first_of(std::string_view("\\\0\r\n", 4)) == segment.npos);
    path.remove_prefix(segment.size());
  }
  SALLYPORT_CHECK(found == slashes);
}

void check_path(const Request& request) {
  const std::string_view path = request.path;
  SALLYPORT_CHECK(!path.empty() && path.front() == '/');
  SALLYPORT_CHECK(path.find("//") == std::string_view::npos);
  SALLYPORT_CHECK(request.parameters == (path.find(';') != std::string_view::npos));
  for (const char c : path) SALLYPORT_CHECK(may_stand(c));
  const auto decoded = sallyport::percent_decode(path);
  SALLYPORT_CHECK(decoded && sallyport::is_utf8(*decoded));
  const auto slashes = static_cast<std::size_t>(std::ranges::count(path, '/'));
  check_segments(path, slashes);
  // Only a slash that is told of is more than one reader sees.
  const auto decoded_slashes = static_cast<std::size_t>(std::ranges::count(*decoded, '/'));
  SALLYPORT_CHECK(request.encoded_slash == (decoded_slashes != slashes));
  SALLYPORT_CHECK(decoded->find("//") == std::string::npos);
  check_segments(*decoded, decoded_slashes);
  check_segments(decode(*decoded), decoded_slashes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const std::size_t line = input.find('\n');
  const std::string target(input.substr(0, line));
  const std::string host(line == std::string_view::npos ? "example.com" : input.substr(line + 1));
  Request request;
  if (sallyport::http::make_canonical(request, target, host) != nullptr) return 0;
  check_path(request);
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
