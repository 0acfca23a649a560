#include "auth/proof_key.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>
#include <tuple>

#include "base/crypto.h"

namespace sallyport::auth {
namespace {

TEST(ProofKey, EveryPartCounts) {
  SeededRandom random(1);
  const ProofKey key(random);
  const Proof proof = key.of(UserId{1}, 1, "password");
  EXPECT_EQ(proof, key.of(UserId{1}, 1, "password"));
  EXPECT_NE(proof, key.of(UserId{2}, 1, "password"));
  EXPECT_NE(proof, key.of(UserId{1}, 2, "password")) << "a new version ends old proofs";
  EXPECT_NE(proof, key.of(UserId{1}, 1, "passwore"));
  EXPECT_NE(proof, key.of(UserId{1}, 1, ""));
  EXPECT_NE(proof, Proof{});
}

TEST(ProofKey, AnotherProcessHasAnotherKey) {
  SeededRandom random(2);
  const ProofKey one(random);
  const ProofKey other(random);
  const Proof first = one.of(UserId{1}, 1, "password");
  EXPECT_NE(first, other.of(UserId{1}, 1, "password"));
  EXPECT_EQ(first, one.of(UserId{1}, 1, "password"));
}

TEST(ProofKey, ThreadsAgree) {
  SeededRandom random(3);
  const ProofKey key(random);
  const Proof here = key.of(UserId{7}, 3, "password");
  Proof there;
  std::thread([&] { there = key.of(UserId{7}, 3, "password"); }).join();
  EXPECT_EQ(here, there);
}

// Against the library's own HMAC: the key is the first 32 bytes the generator gives.
TEST(ProofKey, IsHmacSha256) {
  SeededRandom random(5);
  SeededRandom same(5);
  const ProofKey key(random);
  std::string secret(32, '\0');
  same.fill({reinterpret_cast<std::uint8_t*>(secret.data()), secret.size()});
  for (const std::string_view password : {"", "password",
                                          "a password that is longer than one block of "
                                          "sixty-four bytes, by some"}) {
    const Digest expected = hmac_sha256(secret, ProofKey::encode(UserId{7}, 3, password));
    Proof proof;
    std::memcpy(&proof, expected.data(), sizeof proof);
    EXPECT_EQ(key.of(UserId{7}, 3, password), proof);
  }
}

// Any two different inputs have different encodings, whatever they hold.
TEST(ProofKey, TheEncodingIsInjective) {
  SeededRandom random(4);
  const std::string texts[] = {"", "a", "ab", "b", "ba", std::string("\0", 1), "k", "u", "aab"};
  std::set<std::string> encodings;
  std::set<std::tuple<char, std::uint64_t, std::uint64_t, std::string, std::string>> inputs;
  for (int i = 0; i < 50'000; ++i) {
    const std::string& name = texts[random.below(std::size(texts))];
    const std::string& password = texts[random.below(std::size(texts))];
    const std::uint64_t id = random.below(4);
    const std::uint64_t version = random.below(4);
    if (random.below(2) == 0) {
      inputs.emplace('k', id, version, "", password);
      encodings.insert(ProofKey::encode(UserId{id}, version, password));
    } else {
      inputs.emplace('u', id, 0, name, password);
      encodings.insert(ProofKey::encode_unknown(AccountId{id}, name, password));
    }
  }
  EXPECT_EQ(encodings.size(), inputs.size());
}

}  // namespace
}  // namespace sallyport::auth
