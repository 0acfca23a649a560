#include "auth/proof_key.h"

// The plain functions are marked as deprecated. They are used because a state that has the key
// taken in can be copied as a value: EVP_MAC and EVP_MD_CTX_copy allocate for each proof (measured
// with 3.0.19: 254 ns and two allocations against 116 ns and none).
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

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

// RFC 2104 2.
constexpr std::size_t kBlockBytes = 64;
constexpr unsigned char kInnerPad = 0x36;
constexpr unsigned char kOuterPad = 0x5C;

}  // namespace

struct ProofKey::State {
  SHA256_CTX inner;
  SHA256_CTX outer;
};

ProofKey::ProofKey(Random& random) : state_(std::make_unique<State>()) {
  std::array<unsigned char, kBlockBytes> key{};
  random.fill(std::span(key).first<32>());
  auto take_in = [&key](SHA256_CTX& half, unsigned char pad) {
    std::array<unsigned char, kBlockBytes> block{};
    std::ranges::transform(key, block.begin(),
                           [pad](unsigned char c) { return static_cast<unsigned char>(c ^ pad); });
    SALLYPORT_CHECK(SHA256_Init(&half) == 1 &&
                    SHA256_Update(&half, block.data(), block.size()) == 1);
    OPENSSL_cleanse(block.data(), block.size());
  };
  take_in(state_->inner, kInnerPad);
  take_in(state_->outer, kOuterPad);
  OPENSSL_cleanse(key.data(), key.size());
}

ProofKey::~ProofKey() { OPENSSL_cleanse(state_.get(), sizeof *state_); }

Proof ProofKey::mac(std::string_view head, std::string_view first, std::string_view second) const {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256_CTX hash = state_->inner;
  bool good = true;
  for (const std::string_view part : {head, first, second}) {
    good = good && SHA256_Update(&hash, part.data(), part.size()) == 1;
  }
  good = good && SHA256_Final(digest.data(), &hash) == 1;
  hash = state_->outer;
  good = good && SHA256_Update(&hash, digest.data(), digest.size()) == 1 &&
         SHA256_Final(digest.data(), &hash) == 1;
  SALLYPORT_CHECK(good);
  OPENSSL_cleanse(&hash, sizeof hash);
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
