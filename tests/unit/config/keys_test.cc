#include "config/keys.h"

#include <gtest/gtest.h>

#include <set>

#include "config/parse.h"

namespace sallyport::config {
namespace {

TEST(KnownKeys, AreUniqueAndHaveAMeaning) {
  std::set<std::string_view> names;
  for (const KeyInfo& key : known_keys()) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    EXPECT_FALSE(key.meaning.empty()) << key.name;
    EXPECT_TRUE(is_known_key(key.name));
    EXPECT_FALSE(is_reserved(key.name)) << key.name;
  }
}

TEST(KnownTables, AreThoseThatHoldKeys) {
  EXPECT_TRUE(is_known_table("limits"));
  EXPECT_TRUE(is_known_table("channels")) << "only holds other tables";
  EXPECT_TRUE(is_known_table("api[].host[]"));
  EXPECT_FALSE(is_known_table("api"));
  EXPECT_FALSE(is_known_table("limits.head_bytes"));
}

TEST(NearestKey, NamesWhatWasProbablyMeant) {
  const struct {
    const char* wrong;
    const char* right;
    const char* why;
  } cases[] = {
      {"limits.head_byte", "limits.head_bytes", "a letter is missing"},
      {"server.worker", "server.workers", "a letter is missing"},
      {"server.head_bytes", "limits.head_bytes", "the right key in the wrong table"},
      {"messaging.mail_form", "messaging.mail_from", "letters changed places"},
      {"api[].profil", "api[].profile", "in a list of tables"},
  };
  for (const auto& one : cases) EXPECT_EQ(nearest_key(one.wrong), one.right) << one.why;
}

TEST(NearestTable, NamesWhatWasProbablyMeant) {
  EXPECT_EQ(nearest_table("limts"), "limits");
  EXPECT_EQ(nearest_table("access_logg"), "access_log");
  EXPECT_EQ(nearest_table("listner[]"), "listener[]");
}

TEST(EditDistance, CountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("same", "same"), 0U);
}

}  // namespace
}  // namespace sallyport::config
