#include "config/difference.h"

#include <gtest/gtest.h>

namespace sallyport::config {
namespace {

std::string text_of(std::string_view before, std::string_view after) {
  std::string text;
  for (const Difference& one : differences(before, after)) text += one.to_string() + "\n";
  return text;
}

TEST(Differences, AreNamedAsTheDocumentationNamesKeys) {
  EXPECT_EQ(text_of("a = 1\n", "a = 1\n"), "");
  EXPECT_EQ(text_of("[server]\nworkers = 1\n", "[server]\nworkers = 2\n"),
            "server.workers: 1 -> 2\n");
  EXPECT_EQ(text_of("[[listener]]\nport = 1\n", "[[listener]]\nport = 1\n[[listener]]\nport = 2\n"),
            "listener[1].port: (not set) -> 2\n");
  EXPECT_EQ(text_of("x = true\ny = \"old\"\n", "y = [\"a\", \"b\"]\n"),
            "y: \"old\" -> [\"a\", \"b\"]\nx: true -> (not set)\n");
}

TEST(Differences, OrderAndSpellingAreNone) {
  EXPECT_EQ(text_of("[a]\nb = 1\nc = 'x'\n", "# new\n[a]\nc = \"x\"\nb = 1\n"), "");
}

TEST(Differences, OfWhatIsNoTomlEverythingDiffers) {
  EXPECT_EQ(text_of("= =", "a = 1\n"), "a: (not set) -> 1\n");
}

}  // namespace
}  // namespace sallyport::config
