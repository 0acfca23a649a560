#include "auth/token/jwks_reader.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "auth/token/jwk.h"

namespace sallyport::auth {
namespace {

constexpr std::int64_t kSecond_us = 1'000'000;
constexpr std::int64_t kDay_us = 86'400 * kSecond_us;

class JwksReaderTest : public testing::Test {
 protected:
  JwksReaderTest() {
    settings_.name = "login";
    settings_.issuer = "https://login.test";
    settings_.algorithms = {TokenAlgorithm::EdDsa};
    settings_.jwks_file = testing::TempDir() + "jwks_reader_test." + std::to_string(getpid());
    settings_.refresh = config::milliseconds(60'000);
  }
  ~JwksReaderTest() override { std::filesystem::remove(settings_.jwks_file); }

  void write(const std::string& text) {
    std::ofstream(settings_.jwks_file, std::ios::binary) << text;
  }
  static SigningKey key(std::string kid) {
    return SigningKey::generate(TokenAlgorithm::EdDsa, std::move(kid));
  }
  bool has(const TokenIssuer& issuer, std::string_view kid) const {
    const KeySet* keys = issuer.keys(clock_.unix_us());
    return keys != nullptr && keys->find(kid, clock_.unix_us()) != nullptr;
  }
  void later(JwksReader& reader, std::int64_t us) {
    clock_.advance_us(us);
    reader.tick();
  }

  ManualClock clock_;
  ImmediateReclaimer reclaimer_;
  config::Issuer settings_;
};

TEST_F(JwksReaderTest, AFileIsThereBeforeTheFirstRequest) {
  TokenIssuer issuer(settings_, {}, reclaimer_);
  JwksReader reader(clock_);
  const auto missing = reader.add(issuer);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, settings_.jwks_file + ": No such file or directory");
  write("{}");
  EXPECT_FALSE(reader.add(issuer));
  write(write_jwks(std::vector{key("a").public_key()}));
  ASSERT_TRUE(reader.add(issuer));
  EXPECT_TRUE(has(issuer, "a"));
}

TEST_F(JwksReaderTest, ReadsAgainWhenItIsTime) {
  const SigningKey a = key("a");
  write(write_jwks(std::vector{a.public_key()}));
  TokenIssuer issuer(settings_, {}, reclaimer_);
  JwksReader reader(clock_);
  ASSERT_TRUE(reader.add(issuer));
  const KeyHandle before = issuer.keys(clock_.unix_us())->keys[0].key.key;
  write(write_jwks(std::vector{a.public_key(), key("b").public_key()}));
  later(reader, 59 * kSecond_us);
  EXPECT_FALSE(has(issuer, "b"));
  later(reader, 2 * kSecond_us);
  EXPECT_TRUE(has(issuer, "b"));
  EXPECT_EQ(issuer.keys(clock_.unix_us())->keys[0].key.key, before)
      << "what this key has proven stays proven";
}

TEST_F(JwksReaderTest, AnUnknownKidHasItReadEarlierButNotAllTheTime) {
  write(write_jwks(std::vector{key("a").public_key()}));
  TokenIssuer issuer(settings_, {}, reclaimer_);
  JwksReader reader(clock_);
  ASSERT_TRUE(reader.add(issuer));
  write(write_jwks(std::vector{key("b").public_key()}));
  issuer.miss();
  later(reader, 9 * kSecond_us);
  EXPECT_FALSE(has(issuer, "b")) << "it was read just now";
  later(reader, 2 * kSecond_us);
  EXPECT_TRUE(has(issuer, "b"));
}

TEST_F(JwksReaderTest, TheLastGoodSetCountsForADay) {
  write(write_jwks(std::vector{key("a").public_key()}));
  TokenIssuer issuer(settings_, {}, reclaimer_);
  JwksReader reader(clock_);
  ASSERT_TRUE(reader.add(issuer));
  write("{\"keys\":[]}");
  later(reader, 61 * kSecond_us);
  EXPECT_TRUE(has(issuer, "a")) << "what is unfit changes nothing";
  EXPECT_EQ(reader.failures(), 1U);
  later(reader, 11 * kSecond_us);
  EXPECT_EQ(reader.failures(), 2U) << "tried again soon";
  clock_.advance_us(kDay_us - 73 * kSecond_us);
  EXPECT_TRUE(has(issuer, "a"));
  clock_.advance_us(2 * kSecond_us);
  EXPECT_FALSE(has(issuer, "a")) << "too old";
  write(write_jwks(std::vector{key("a").public_key()}));
  reader.tick();
  EXPECT_TRUE(has(issuer, "a"));
}

TEST_F(JwksReaderTest, UnchangedKeysStayGood) {
  write(write_jwks(std::vector{key("a").public_key()}));
  TokenIssuer issuer(settings_, {}, reclaimer_);
  JwksReader reader(clock_);
  ASSERT_TRUE(reader.add(issuer));
  for (int i = 0; i < 3; ++i) later(reader, kDay_us / 2);
  EXPECT_TRUE(has(issuer, "a"));
}

TEST(FetchJwks, IsOnlyEverHttps) {
  const std::atomic<bool> stopping = false;
  EXPECT_FALSE(fetch_jwks("http://127.0.0.1:1/", "", stopping));
  EXPECT_FALSE(fetch_jwks("file:///etc/passwd", "", stopping));
  EXPECT_FALSE(fetch_jwks("https://127.0.0.1:1/", "", stopping)) << "nobody is there";
}

}  // namespace
}  // namespace sallyport::auth
