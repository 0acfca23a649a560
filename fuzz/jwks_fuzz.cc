// A key set holds its invariants for any bytes: every key that is read has a kind that was asked
// for, verifies nothing by itself, and ours are the same when they are written and read again.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "auth/token/jwk.h"
#include "base/result.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sallyport::auth;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const TokenAlgorithm accepted[] = {TokenAlgorithm::Rs256, TokenAlgorithm::Es256,
                                     TokenAlgorithm::EdDsa};
  const auto keys = read_jwks(text, accepted);
  if (!keys) {
    SALLYPORT_CHECK(!keys.error().message.empty());
    return 0;
  }
  SALLYPORT_CHECK(!keys->empty() && keys->size() <= kMaxKeys);
  for (const PublicKey& key : *keys) {
    SALLYPORT_CHECK(key.key != nullptr && key.kid.size() <= kMaxKidBytes);
    SALLYPORT_CHECK(is_same_key(key, key));
    SALLYPORT_CHECK(!verify_signature(key, "text", text.substr(0, 600)));
    // Names of ours are plain; those of others may need escapes that writing ours does not know.
    if (key.algorithm == TokenAlgorithm::Rs256) continue;
    PublicKey plain = key;
    plain.kid = "plain";
    const auto again = read_jwks(write_jwks(std::vector{plain}), accepted);
    SALLYPORT_CHECK(again && again->size() == 1 && is_same_key(again->front(), plain));
  }
  return 0;
}
