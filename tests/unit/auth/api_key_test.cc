#include "auth/api_key.h"

#include <gtest/gtest.h>

#include <set>

#include "base/crypto.h"

namespace sallyport::auth {
namespace {

TEST(ApiKey, AGeneratedKeyHasItsForm) {
  SeededRandom random(1);
  const GeneratedKey live = generate_key(Environment::Live, random);
  const std::string text(live.text.reveal());
  EXPECT_EQ(text.size(), 8U + 12 + 1 + 32 + 6);
  EXPECT_TRUE(text.starts_with("sp_live_" + key_id_text(live.id) + "_")) << "the id is readable";
  EXPECT_EQ(live.digest, sha256(text));
  EXPECT_EQ(live.hint, "sp_live_" + key_id_text(live.id) + "..." + text.substr(text.size() - 4));
  EXPECT_EQ(shape_of(text), KeyShape::Ours);
  EXPECT_TRUE(generate_key(Environment::Test, random).text.reveal().starts_with("sp_test_"));
}

TEST(ApiKey, TheDigestIsSha256) {
  for (const std::string& key : {std::string(), std::string("abc"), std::string(255, 'x')}) {
    EXPECT_EQ(digest_of(key), sha256(key));
  }
}

TEST(ApiKey, KeysAreAllDifferent) {
  SeededRandom random(2);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    seen.insert(std::string(generate_key(Environment::Live, random).text.reveal()));
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(ApiKey, EveryMistypedCharacterIsNoticed) {
  SeededRandom random(3);
  const std::string text(generate_key(Environment::Live, random).text.reveal());
  for (std::size_t i = 8; i < text.size(); ++i) {
    std::string wrong = text;
    wrong[i] = wrong[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(shape_of(wrong), KeyShape::BadChecksum) << i;
  }
}

TEST(ApiKey, Shapes) {
  const struct {
    std::string key;
    KeyShape shape;
    const char* why;
  } rows[] = {
      {"", KeyShape::Impossible, "empty"},
      {"sp_live_", KeyShape::BadChecksum, "our prefix alone"},
      {"sp_live_0123456789AB_tooshort", KeyShape::BadChecksum, "our prefix, too short"},
      {"sp_test_012345" + std::string(7, '\xFF') + "\f" + std::string(31, 'Z') + "3v0mZo",
       KeyShape::BadChecksum, "bytes that no key has, with a checksum that fits them"},
      {"sp_prod_whatever", KeyShape::Foreign, "not our prefix"},
      {"89aUAtBusdfohhZI6zoFNasd89023rsdf3X3h44c", KeyShape::Foreign, "an imported key"},
      {std::string(255, 'k'), KeyShape::Foreign, "the longest"},
      {std::string(256, 'k'), KeyShape::Impossible, "longer than any"},
      {"with blank inside it", KeyShape::Impossible, "a blank"},
      {std::string("nul\0nulnulnulnul", 16), KeyShape::Impossible, "NUL"},
      {"caf\xC3\xA9-and-so-on-and", KeyShape::Impossible, "beyond ASCII"},
  };
  for (const auto& row : rows) EXPECT_EQ(shape_of(row.key), row.shape) << row.why;
}

TEST(ApiKey, ImportRules) {
  EXPECT_TRUE(import_problem("0123456789abcdef", false).empty());
  EXPECT_FALSE(import_problem("short", false).empty()) << "weak";
  EXPECT_TRUE(import_problem("short", true).empty()) << "weak, and accepted";
  EXPECT_FALSE(import_problem("", true).empty());
  EXPECT_FALSE(import_problem("sp_live_0123456789abcdef", true).empty()) << "looks like ours";
  EXPECT_FALSE(import_problem(std::string(256, 'x'), true).empty());
  EXPECT_FALSE(import_problem("with blank 0123456789", true).empty());
  EXPECT_EQ(imported_hint("0123456789abcdefwxyz"), "...wxyz");
  EXPECT_EQ(imported_hint("0123456789abcdef"), "") << "too much of a short key";
}

}  // namespace
}  // namespace sallyport::auth
