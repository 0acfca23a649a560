// A Basic credential holds its invariants for any bytes: what was accepted is what the encoding
// library decodes, names are folded, passwords composed, and nothing has a control character.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/basic.h"
#include "base/encoding.h"
#include "base/result.h"

namespace {

// The part behind the scheme and its spaces.
std::string_view encoded_part(std::string_view value) {
  value.remove_prefix(5);
  return value.substr(value.find_first_not_of(' '));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(bytes), size);
  sallyport::auth::BasicCredential credential;
  if (!credential.parse(value)) return 0;
  SALLYPORT_CHECK(size <= sallyport::auth::kMaxBasicBytes);
  const auto decoded = sallyport::base64_decode(encoded_part(value));
  SALLYPORT_CHECK(decoded.has_value());
  const std::size_t colon = decoded->find(':');
  SALLYPORT_CHECK(colon != std::string::npos && colon != 0);
  const auto name = sallyport::fold_username(std::string_view(*decoded).substr(0, colon));
  const auto password = sallyport::normalize_password(std::string_view(*decoded).substr(colon + 1));
  SALLYPORT_CHECK(name && credential.name() == *name);
  SALLYPORT_CHECK(password && credential.password() == *password);
  return 0;
}
