#include "auth/token/signature.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <span>

#include "base/encoding.h"

namespace sallyport::auth {
namespace {

constexpr int kNumberBytes = 32;  // of r and of s on P-256

struct Free {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
  void operator()(PKCS8_PRIV_KEY_INFO* info) const { PKCS8_PRIV_KEY_INFO_free(info); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// Ed25519 has its hash inside.
const EVP_MD* digest_of(TokenAlgorithm algorithm) {
  return algorithm == TokenAlgorithm::EdDsa ? nullptr : EVP_sha256();
}

std::string as_der(std::string_view numbers) {
  if (numbers.size() != 2 * kNumberBytes) return {};
  const Owned<ECDSA_SIG> signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(bytes_of(numbers), kNumberBytes, nullptr);
  BIGNUM* s = BN_bin2bn(bytes_of(numbers) + kNumberBytes, kNumberBytes, nullptr);
  SALLYPORT_CHECK(signature != nullptr && ECDSA_SIG_set0(signature.get(), r, s) == 1);
  std::string der(static_cast<std::size_t>(i2d_ECDSA_SIG(signature.get(), nullptr)), '\0');
  unsigned char* out = bytes_of(der);
  i2d_ECDSA_SIG(signature.get(), &out);
  return der;
}

std::string as_numbers(std::string_view der) {
  const unsigned char* in = bytes_of(der);
  const Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size())));
  std::string numbers(std::size_t{2} * kNumberBytes, '\0');
  const bool done =
      signature != nullptr &&
      BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytes_of(numbers), kNumberBytes) > 0 &&
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytes_of(numbers) + kNumberBytes,
                   kNumberBytes) > 0;
  SALLYPORT_CHECK(done);
  return numbers;
}

bool is_of(const EVP_PKEY* key, TokenAlgorithm algorithm) {
  switch (algorithm) {
    case TokenAlgorithm::EdDsa: return EVP_PKEY_is_a(key, "ED25519") == 1;
    case TokenAlgorithm::Es256: return EVP_PKEY_is_a(key, "EC") == 1;
    case TokenAlgorithm::Rs256: return EVP_PKEY_is_a(key, "RSA") == 1;
  }
  return false;
}

KeyHandle owned(EVP_PKEY* key) { return {key, EVP_PKEY_free}; }

}  // namespace

bool is_same_key(const PublicKey& a, const PublicKey& b) {
  return a.kid == b.kid && a.algorithm == b.algorithm && EVP_PKEY_eq(a.key.get(), b.key.get()) == 1;
}

bool verify_signature(const PublicKey& key, std::string_view text, std::string_view signature) {
  std::string der;
  if (key.algorithm == TokenAlgorithm::Es256) {
    der = as_der(signature);
    if (der.empty()) return false;
    signature = der;
  }
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  return context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, digest_of(key.algorithm), nullptr,
                              key.key.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                          text.size()) == 1;
}

SigningKey SigningKey::generate(TokenAlgorithm algorithm, std::string kid) {
  SigningKey made;
  EVP_PKEY* key = algorithm == TokenAlgorithm::Es256
                      ? EVP_EC_gen("P-256")
                      : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  SALLYPORT_CHECK(key != nullptr);
  made.public_key_ = {std::move(kid), algorithm, owned(key)};
  return made;
}

Result<SigningKey> SigningKey::read(TokenAlgorithm algorithm, std::string kid,
                                    std::string_view private_text) {
  auto bytes = hex_decode(private_text);
  if (!bytes) return fail(ErrorKind::Invalid, "not in hexadecimal digits");
  const unsigned char* in = bytes_of(*bytes);
  const Owned<PKCS8_PRIV_KEY_INFO> info(
      d2i_PKCS8_PRIV_KEY_INFO(nullptr, &in, static_cast<long>(bytes->size())));
  EVP_PKEY* key = info == nullptr ? nullptr : EVP_PKCS82PKEY(info.get());
  wipe(*bytes);
  SigningKey read;
  read.public_key_ = {std::move(kid), algorithm, owned(key)};
  if (key == nullptr || !is_of(key, algorithm)) {
    return fail(ErrorKind::Invalid, "no private key of its algorithm");
  }
  return read;
}

std::string SigningKey::sign(std::string_view text) const {
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  std::size_t size = 0;
  std::string signature;
  bool done = context != nullptr &&
              EVP_DigestSignInit(context.get(), nullptr, digest_of(public_key_.algorithm), nullptr,
                                 public_key_.key.get()) == 1 &&
              EVP_DigestSign(context.get(), nullptr, &size, bytes_of(text), text.size()) == 1;
  signature.resize(size);
  done = done && EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(text),
                                text.size()) == 1;
  SALLYPORT_CHECK(done);
  signature.resize(size);
  return public_key_.algorithm == TokenAlgorithm::Es256 ? as_numbers(signature) : signature;
}

Secret SigningKey::private_text() const {
  const Owned<PKCS8_PRIV_KEY_INFO> info(EVP_PKEY2PKCS8(public_key_.key.get()));
  SALLYPORT_CHECK(info != nullptr);
  std::string der(static_cast<std::size_t>(i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr)), '\0');
  unsigned char* out = bytes_of(der);
  i2d_PKCS8_PRIV_KEY_INFO(info.get(), &out);
  std::string text = hex_lower({bytes_of(der), der.size()});
  wipe(der);
  Secret secret{std::string_view(text)};
  wipe(text);
  return secret;
}

}  // namespace sallyport::auth
