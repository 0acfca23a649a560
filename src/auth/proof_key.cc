#include "auth/proof_key.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <atomic>
#include <cstring>
#include <memory>

#include "base/result.h"

namespace sallyport::auth {
namespace {

constexpr std::size_t kHeadBytes = 17;
using Head = std::array<char, kHeadBytes>;

Head head_of(char tag, std::uint64_t first, std::uint64_t second) {
  Head head{};
  head[0] = tag;
  std::memcpy(head.data() + 1, &first, sizeof first);
  std::memcpy(head.data() + 9, &second, sizeof second);
  return head;
}

std::string_view view(const Head& head) { return {head.data(), head.size()}; }

Head known_head(UserId user, std::uint64_t security_version) {
  return head_of('k', user.value, security_version);
}
// The length of the name parts it from the password.
Head unknown_head(AccountId account, std::string_view folded) {
  return head_of('u', account.value, folded.size());
}

// One context per thread, keyed once: keying anew for each proof would cost as much as the proof.
struct KeyedContext {
  EVP_MAC_CTX* context = nullptr;
  std::uint64_t generation = 0;
  KeyedContext() = default;
  KeyedContext(const KeyedContext&) = delete;
  KeyedContext& operator=(const KeyedContext&) = delete;
  ~KeyedContext() { EVP_MAC_CTX_free(context); }
};

EVP_MAC_CTX* make_context() {
  const std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> mac(
      EVP_MAC_fetch(nullptr, "HMAC", nullptr), &EVP_MAC_free);
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac.get());
  SALLYPORT_CHECK(context != nullptr);
  return context;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

ProofKey::ProofKey(Random& random) {
  static std::atomic<std::uint64_t> generations = 0;
  generation_ = generations.fetch_add(1, std::memory_order_relaxed) + 1;
  std::string key(32, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(key.data()), key.size()});
  key_ = Secret(std::move(key));
}

Proof ProofKey::mac(std::string_view head, std::string_view first, std::string_view second) const {
  thread_local KeyedContext keyed;
  bool good = true;
  if (keyed.generation != generation_) {
    if (keyed.context == nullptr) keyed.context = make_context();
    static char sha_name[] = "SHA256";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha_name, 0),
        OSSL_PARAM_construct_end()};
    good = EVP_MAC_init(keyed.context, bytes_of(key_.reveal()), key_.size(), params) == 1;
    keyed.generation = generation_;
  } else {
    good = EVP_MAC_init(keyed.context, nullptr, 0, nullptr) == 1;
  }
  std::array<unsigned char, 32> digest{};
  std::size_t length = 0;
  for (const std::string_view part : {head, first, second}) {
    good = good && (part.empty() ||
                    EVP_MAC_update(keyed.context, bytes_of(part), part.size()) == 1);
  }
  good = good && EVP_MAC_final(keyed.context, digest.data(), &length, digest.size()) == 1;
  SALLYPORT_CHECK(good && length == digest.size());
  Proof proof;
  std::memcpy(&proof.high, digest.data(), sizeof proof.high);
  std::memcpy(&proof.low, digest.data() + sizeof proof.high, sizeof proof.low);
  return proof;
}

Proof ProofKey::of(UserId user, std::uint64_t security_version, std::string_view password) const {
  return mac(view(known_head(user, security_version)), password, {});
}

Proof ProofKey::of_unknown(AccountId account, std::string_view folded,
                           std::string_view password) const {
  return mac(view(unknown_head(account, folded)), folded, password);
}

std::string ProofKey::encode(UserId user, std::uint64_t security_version,
                             std::string_view password) {
  return std::string(view(known_head(user, security_version))) + std::string(password);
}

std::string ProofKey::encode_unknown(AccountId account, std::string_view folded,
                                     std::string_view password) {
  return std::string(view(unknown_head(account, folded))) + std::string(folded) +
         std::string(password);
}

}  // namespace sallyport::auth
