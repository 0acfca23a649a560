#include "auth/token/jwk.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/encoding.h"
#include "base/json_value.h"

namespace sallyport::auth {
namespace {

constexpr int kMinRsaBits = 2048;  // RFC 7518 3.3
constexpr int kMaxRsaBits = 8192;  // more is work for us and safety for nobody
constexpr std::size_t kPointBytes = 32;
constexpr std::size_t kMaxExponentBytes = 4;

struct Free {
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
  void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(BIGNUM* number) const { BN_free(number); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Owned<BIGNUM> number_of(std::string_view bytes) {
  return Owned<BIGNUM>(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

KeyHandle make_key(const char* type, OSSL_PARAM_BLD* builder) {
  const Owned<OSSL_PARAM> params(OSSL_PARAM_BLD_to_param(builder));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  const bool made = params != nullptr && context != nullptr &&
                    EVP_PKEY_fromdata_init(context.get()) == 1 &&
                    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) == 1;
  return made ? KeyHandle(key, EVP_PKEY_free) : nullptr;
}

// Bytes of a member in base64url.
std::optional<std::string> member(const JsonValue& jwk, std::string_view name) {
  const std::string* text = jwk.find_text(name);
  return text == nullptr ? std::nullopt : base64url_decode(*text);
}

Result<KeyHandle> read_rsa(const JsonValue& jwk) {
  const auto n = member(jwk, "n");
  const auto e = member(jwk, "e");
  if (!n || !e || n->size() > kMaxRsaBits / 8 || e->empty() || e->size() > kMaxExponentBytes) {
    return fail(ErrorKind::Invalid, "an RSA key without a fit n and e");
  }
  const Owned<BIGNUM> modulus = number_of(*n);
  const Owned<BIGNUM> exponent = number_of(*e);
  const int bits = BN_num_bits(modulus.get());
  if (bits < kMinRsaBits) {
    return fail(ErrorKind::Invalid, "an RSA key of " + std::to_string(bits) + " bits; at least " +
                                        std::to_string(kMinRsaBits) + " are needed");
  }
  if (BN_is_odd(exponent.get()) != 1 || BN_is_one(exponent.get()) == 1 ||
      BN_is_odd(modulus.get()) != 1) {
    return fail(ErrorKind::Invalid, "an RSA key with an unfit n or e");
  }
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get());
  KeyHandle key = make_key("RSA", builder.get());
  if (key == nullptr) return fail(ErrorKind::Invalid, "an RSA key that is none");
  return key;
}

Result<KeyHandle> read_ec(const JsonValue& jwk) {
  const auto x = member(jwk, "x");
  const auto y = member(jwk, "y");
  if (!x || !y || x->size() != kPointBytes || y->size() != kPointBytes) {
    return fail(ErrorKind::Invalid, "an EC key without x and y of 32 bytes");
  }
  const std::string point = "\x04" + *x + *y;  // uncompressed: SEC 1 2.3.3
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  KeyHandle key = make_key("EC", builder.get());
  if (key != nullptr) {
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    if (EVP_PKEY_public_check(context.get()) == 1) return key;
  }
  return fail(ErrorKind::Invalid, "an EC key that is no point of P-256");
}

Result<KeyHandle> read_ed25519(const JsonValue& jwk) {
  const auto x = member(jwk, "x");
  EVP_PKEY* key =
      !x || x->size() != kPointBytes
          ? nullptr
          : EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, bytes_of(*x), x->size());
  if (key == nullptr) return fail(ErrorKind::Invalid, "an Ed25519 key without x of 32 bytes");
  return KeyHandle(key, EVP_PKEY_free);
}

std::optional<TokenAlgorithm> algorithm_of(const JsonValue& jwk) {
  const std::string* type = jwk.find_text("kty");
  const std::string* curve = jwk.find_text("crv");
  if (type == nullptr) return std::nullopt;
  if (*type == "RSA") return TokenAlgorithm::Rs256;
  if (*type == "EC" && curve != nullptr && *curve == "P-256") return TokenAlgorithm::Es256;
  if (*type == "OKP" && curve != nullptr && *curve == "Ed25519") return TokenAlgorithm::EdDsa;
  return std::nullopt;
}

// RFC 7517 4.2 to 4.4: for signatures of this algorithm, as far as it says anything.
bool is_meant_for(const JsonValue& jwk, TokenAlgorithm algorithm) {
  if (const JsonValue* use = jwk.find("use"); use != nullptr && use->text != "sig") return false;
  if (const JsonValue* named = jwk.find("alg");
      named != nullptr && named->text != config::to_string(algorithm)) {
    return false;
  }
  const JsonValue* operations = jwk.find("key_ops");
  return operations == nullptr || std::ranges::any_of(operations->items, [](const auto& one) {
           return one.text == "verify";
         });
}

Result<KeyHandle> read_key(const JsonValue& jwk, TokenAlgorithm algorithm) {
  switch (algorithm) {
    case TokenAlgorithm::Rs256: return read_rsa(jwk);
    case TokenAlgorithm::Es256: return read_ec(jwk);
    case TokenAlgorithm::EdDsa: return read_ed25519(jwk);
  }
  return fail(ErrorKind::Invalid, "an unknown kind");
}

std::string point_of(const PublicKey& key) {
  std::string bytes(key.algorithm == TokenAlgorithm::Es256 ? 2 * kPointBytes + 1 : kPointBytes,
                    '\0');
  std::size_t size = bytes.size();
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  const bool read = key.algorithm == TokenAlgorithm::Es256
                        ? EVP_PKEY_get_octet_string_param(key.key.get(), OSSL_PKEY_PARAM_PUB_KEY,
                                                          out, size, &size) == 1
                        : EVP_PKEY_get_raw_public_key(key.key.get(), out, &size) == 1;
  SALLYPORT_CHECK(read && size == bytes.size());
  return bytes;
}

}  // namespace

Result<std::vector<PublicKey>> read_jwks(std::string_view text,
                                         std::span<const TokenAlgorithm> accepted) {
  const auto document = text.size() > kMaxJwksBytes ? std::nullopt : parse_json(text);
  const JsonValue* keys = document ? document->find("keys") : nullptr;
  if (keys == nullptr || keys->kind != JsonValue::Kind::Array) {
    return fail(ErrorKind::Invalid, "no JSON object with an array \"keys\"");
  }
  if (keys->items.size() > kMaxKeys) {
    return fail(ErrorKind::Invalid, "more than " + std::to_string(kMaxKeys) + " keys");
  }
  std::vector<PublicKey> found;
  for (const JsonValue& jwk : keys->items) {
    const auto algorithm = algorithm_of(jwk);
    if (!algorithm || std::ranges::find(accepted, *algorithm) == accepted.end() ||
        !is_meant_for(jwk, *algorithm)) {
      continue;
    }
    const std::string* kid = jwk.find_text("kid");
    if ((jwk.find("kid") != nullptr && kid == nullptr) ||
        (kid != nullptr && (kid->empty() || kid->size() > kMaxKidBytes))) {
      return fail(ErrorKind::Invalid, "a key whose kid is no text of 1 to 256 bytes");
    }
    PublicKey key{kid == nullptr ? std::string() : *kid, *algorithm, nullptr};
    if (std::ranges::find(found, key.kid, &PublicKey::kid) != found.end()) {
      return fail(ErrorKind::Invalid, "two keys of one kid");
    }
    auto handle = read_key(jwk, *algorithm);
    if (!handle) return std::unexpected(handle.error());
    key.key = std::move(*handle);
    found.push_back(std::move(key));
  }
  if (found.empty()) return fail(ErrorKind::Invalid, "no key of an algorithm that is accepted");
  return found;
}

std::string write_jwks(std::span<const PublicKey> keys) {
  std::string out = "{\"keys\":[";
  for (const PublicKey& key : keys) {
    const std::string point = point_of(key);
    if (!out.ends_with('[')) out += ',';
    const bool ec = key.algorithm == TokenAlgorithm::Es256;
    out += ec ? R"({"kty":"EC","crv":"P-256","x":")" +
                    base64url_encode(std::string_view(point).substr(1, kPointBytes)) +
                    R"(","y":")" + base64url_encode(std::string_view(point).substr(1 + kPointBytes))
              : R"({"kty":"OKP","crv":"Ed25519","x":")" + base64url_encode(point);
    out += R"(","use":"sig","alg":")" + std::string(config::to_string(key.algorithm)) +
           R"(","kid":")" + key.kid + "\"}";
  }
  return out + "]}";
}

}  // namespace sallyport::auth
