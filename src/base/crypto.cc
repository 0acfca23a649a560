#include "base/crypto.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <memory>

#include "base/result.h"

namespace sallyport {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

struct Algorithms {
  EVP_MD* sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_CIPHER* aes = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  Algorithms() { SALLYPORT_CHECK(sha256 != nullptr && hmac != nullptr && aes != nullptr); }
};

// Fetching by name costs more than hashing a key does, so it happens once; never freed, because
// threads may still hash while the process ends.
const Algorithms& algorithms() {
  static const Algorithms* const kFetched = new Algorithms;
  return *kFetched;
}

struct FreeMd {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeMac {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Digest sha256(std::string_view bytes) {
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeMd> context(EVP_MD_CTX_new());
  Digest digest;
  unsigned length = 0;
  const bool done = EVP_DigestInit_ex2(context.get(), algorithms().sha256, nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
                    EVP_DigestFinal_ex(context.get(), digest.data(), &length) == 1;
  SALLYPORT_CHECK(done && length == digest.size());
  return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  thread_local const std::unique_ptr<EVP_MAC_CTX, FreeMac> context(
      EVP_MAC_CTX_new(algorithms().hmac));
  thread_local bool ready = false;
  static char sha_name[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha_name, 0),
                               OSSL_PARAM_construct_end()};
  Digest digest;
  std::size_t length = 0;
  const bool done =
      EVP_MAC_init(context.get(), bytes_of(key), key.size(), ready ? nullptr : params) == 1 &&
      EVP_MAC_update(context.get(), bytes_of(bytes), bytes.size()) == 1 &&
      EVP_MAC_final(context.get(), digest.data(), &length, digest.size()) == 1;
  SALLYPORT_CHECK(done && length == digest.size());
  ready = true;
  return digest;
}

namespace {

// Row k holds the remainders of a byte that is followed by k zero bytes, so that eight bytes are
// taken in at once.
constexpr auto kCrcRows = [] {
  std::array<std::array<std::uint32_t, 256>, 8> rows{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xEDB88320U : 0);
    rows[0][i] = value;
  }
  for (std::size_t row = 1; row < rows.size(); ++row) {
    for (std::size_t i = 0; i < 256; ++i) {
      const std::uint32_t before = rows[row - 1][i];
      rows[row][i] = (before >> 8) ^ rows[0][before & 0xFF];
    }
  }
  return rows;
}();

}  // namespace

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFFU;
  while (bytes.size() >= kCrcRows.size()) {
    std::uint32_t next = 0;
    for (std::size_t i = 0; i < kCrcRows.size(); ++i) {
      std::uint32_t byte = static_cast<unsigned char>(bytes[i]);
      if (i < 4) byte ^= (crc >> (8 * i)) & 0xFF;
      next ^= kCrcRows[kCrcRows.size() - 1 - i][byte];
    }
    crc = next;
    bytes.remove_prefix(kCrcRows.size());
  }
  for (const char c : bytes) {
    crc = (crc >> 8) ^ kCrcRows[0][(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  }
  return ~crc;
}

std::string seal(const Secret& key, std::string_view plain, std::string_view context,
                 Random& random) {
  SALLYPORT_CHECK(key.size() == 32);
  std::string out(kNonceBytes + plain.size() + kTagBytes, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  random.fill({bytes, kNonceBytes});
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  const bool done =
      EVP_EncryptInit_ex2(cipher.get(), algorithms().aes, bytes_of(key.reveal()), bytes, nullptr) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &length, bytes_of(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_EncryptUpdate(cipher.get(), bytes + kNonceBytes, &length, bytes_of(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), bytes + kNonceBytes + plain.size(), &length) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                          bytes + kNonceBytes + plain.size()) == 1;
  SALLYPORT_CHECK(done);
  return out;
}

std::optional<Secret> open_sealed(const Secret& key, std::string_view sealed,
                                  std::string_view context) {
  SALLYPORT_CHECK(key.size() == 32);
  if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::size_t size = sealed.size() - kNonceBytes - kTagBytes;
  std::string plain(size, '\0');
  std::string tag(sealed.substr(kNonceBytes + size));
  const std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  const bool good =
      EVP_DecryptInit_ex2(cipher.get(), algorithms().aes, bytes_of(key.reveal()), bytes_of(sealed),
                          nullptr) == 1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &length, bytes_of(context),
                        static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(cipher.get(), reinterpret_cast<unsigned char*>(plain.data()), &length,
                        bytes_of(sealed.substr(kNonceBytes)), static_cast<int>(size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), reinterpret_cast<unsigned char*>(plain.data()) + size,
                          &length) == 1;
  Secret secret{std::string_view(plain)};
  wipe(plain);
  if (!good) return std::nullopt;
  return secret;
}

}  // namespace sallyport
