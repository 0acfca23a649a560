// What is read of a verifier holds its caps, its parts are within the text, and a made-up one of
// the same cost is read the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/password_format.h"
#include "auth/password_hash.h"
#include "base/random.h"
#include "base/result.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace sallyport;
  using namespace sallyport::auth;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (is_fast_import(text)) {
    const auto fast = read_fast_import(text);
    SALLYPORT_CHECK(!fast || (fast->digest.size() == 20 && fast->salt.size() <= 64));
  }
  const auto format = read_format(text);
  if (!format) return 0;
  SALLYPORT_CHECK(size <= 512 && format->cost.size() < size);
  SALLYPORT_CHECK(format->argon2.memory_kib <= 256 * 1024 && format->argon2.passes <= 10 &&
                  format->argon2.lanes <= 8);
  SALLYPORT_CHECK(format->kind != HashKind::Pbkdf2 || format->rounds <= 2'000'000);
  SALLYPORT_CHECK(format->kind != HashKind::Scrypt ||
                  128 * format->rounds * format->block_size <= 256ULL << 20U);
  SALLYPORT_CHECK(format->salt.size() <= 64 && format->tag.size() <= 64);
  SeededRandom random(size);
  const std::string dummy = dummy_like(text, random);
  const auto again = read_format(dummy);
  SALLYPORT_CHECK(again.has_value());
  SALLYPORT_CHECK(again->kind == format->kind && again->cost == format->cost &&
                  again->rounds == format->rounds);
  return 0;
}
