#include "auth/foreign_hash.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/encoding.h"
#include "base/secret.h"

namespace sallyport::auth {
namespace {

constexpr std::uint64_t kScryptMemory = 320ULL << 20U;  // 256 MiB of blocks and what goes with them

struct CryptWork {
  crypt_data data{};
  CryptWork() = default;
  CryptWork(const CryptWork&) = delete;
  CryptWork& operator=(const CryptWork&) = delete;
  ~CryptWork() { OPENSSL_cleanse(&data, sizeof data); }
};

Result<bool> fits_crypt(std::string_view verifier, std::string_view password) {
  const Secret phrase(password);  // terminated: a password has no NUL
  const std::string setting(verifier);
  const auto work = std::make_unique<CryptWork>();  // 32 KiB
  const char* made = crypt_rn(phrase.reveal().data(), setting.c_str(), &work->data,
                              static_cast<int>(sizeof work->data));
  if (made == nullptr) return fail(ErrorKind::Internal, "libcrypt could not compute a hash");
  return equal_constant_time(std::string_view(made), verifier);
}

Result<bool> fits_pbkdf2(const PasswordFormat& format, std::string_view password) {
  std::string made(format.tag.size(), '\0');
  const EVP_MD* digest = format.digest_name == "SHA1"     ? EVP_sha1()
                         : format.digest_name == "SHA256" ? EVP_sha256()
                                                          : EVP_sha512();
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                        reinterpret_cast<const unsigned char*>(format.salt.data()),
                        static_cast<int>(format.salt.size()), static_cast<int>(format.rounds),
                        digest, static_cast<int>(made.size()),
                        reinterpret_cast<unsigned char*>(made.data())) != 1) {
    return fail(ErrorKind::Internal, "pbkdf2 could not be computed");
  }
  return equal_constant_time(made, format.tag);
}

Result<bool> fits_scrypt(const PasswordFormat& format, std::string_view password) {
  std::string made(format.tag.size(), '\0');
  if (EVP_PBE_scrypt(password.data(), password.size(),
                     reinterpret_cast<const unsigned char*>(format.salt.data()), format.salt.size(),
                     format.rounds, format.block_size, format.lanes, kScryptMemory,
                     reinterpret_cast<unsigned char*>(made.data()), made.size()) != 1) {
    return fail(ErrorKind::Internal, "scrypt could not be computed");
  }
  return equal_constant_time(made, format.tag);
}

}  // namespace

Result<bool> fits_foreign(std::string_view verifier, const PasswordFormat& format,
                          std::string_view password) {
  switch (format.kind) {
    case HashKind::Crypt: return fits_crypt(verifier, password);
    case HashKind::Pbkdf2: return fits_pbkdf2(format, password);
    case HashKind::Scrypt: return fits_scrypt(format, password);
    default: return fail(ErrorKind::Internal, "not a foreign hash");
  }
}

std::string sha1_hex(std::string_view password, std::string_view salt) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  Secret both(std::string(password) + std::string(salt));
  SALLYPORT_CHECK(EVP_Digest(both.reveal().data(), both.size(), digest.data(), &size, EVP_sha1(),
                             nullptr) == 1);
  return hex_lower(std::span<const std::uint8_t>(digest.data(), size));
}

}  // namespace sallyport::auth
