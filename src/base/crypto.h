// Digests, MACs and authenticated encryption over OpenSSL, fetched once per process. No failure
// but a broken library, which ends the process. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/entities.h"
#include "base/random.h"
#include "base/secret.h"

namespace sallyport {

Digest sha256(std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::string_view bytes);
std::uint32_t crc32(std::string_view bytes);  // IEEE 802.3

// AES-256-GCM, random 96-bit nonce in front, 128-bit tag behind. `context` is authenticated too.
std::string seal(const Secret& key, std::string_view plain, std::string_view context,
                 Random& random);
std::optional<Secret> open_sealed(const Secret& key, std::string_view sealed,
                                  std::string_view context);

}  // namespace sallyport
