// What may be an API key: any bytes get one shape; what is taken for one of ours has our prefix,
// its length and its checksum, and nothing that is ours can be imported as somebody else's.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/api_key.h"
#include "base/result.h"

using sallyport::auth::KeyShape;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view key(reinterpret_cast<const char*>(bytes), size);
  const bool prefixed = key.starts_with("sp_live_") || key.starts_with("sp_test_");
  const bool plain = std::ranges::all_of(key, [](char c) { return c >= 0x21 && c <= 0x7E; });
  const KeyShape shape = sallyport::auth::shape_of(key);
  switch (shape) {
    case KeyShape::Ours: {
      SALLYPORT_CHECK(prefixed && plain);
      std::string broken(key);  // any one digit changed is no longer ours
      broken.back() = broken.back() == '0' ? '1' : '0';
      SALLYPORT_CHECK(sallyport::auth::shape_of(broken) == KeyShape::BadChecksum);
      break;
    }
    case KeyShape::BadChecksum: SALLYPORT_CHECK(prefixed); break;
    case KeyShape::Foreign: SALLYPORT_CHECK(!prefixed && plain && !key.empty()); break;
    case KeyShape::Impossible:
      SALLYPORT_CHECK(key.empty() || key.size() > sallyport::auth::kMaxKeyBytes || !plain);
      break;
  }
  for (const bool weak : {false, true}) {
    const bool takes = sallyport::auth::import_problem(key, weak).empty();
    SALLYPORT_CHECK(!takes || shape == KeyShape::Foreign);
    SALLYPORT_CHECK(!takes || weak || size >= sallyport::auth::kMinImportedKeyBytes);
  }
  const std::string hint = sallyport::auth::imported_hint(key);
  SALLYPORT_CHECK(hint.empty() || (hint.size() == 7 && size >= 20));
  return 0;
}
