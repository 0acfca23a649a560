#include "limit/scope.h"

#include <gtest/gtest.h>

namespace sallyport::limit {
namespace {

std::string scope_of(const Match& match) {
  std::string out;
  append_scope(out, match);
  return out;
}

TEST(Scope, NamesAnOpening) {
  EXPECT_EQ(scope_of({"messaging", "messages.create", {}, ""}), "messaging/messages.create");
  EXPECT_EQ(scope_of({"*", "*", {}, ""}), "*/*");
  EXPECT_EQ(scope_of({"messaging", "", {"GET", "POST"}, "/x/**"}), "messaging/GET,POST /x/**");
}

TEST(Scope, AppendsToWhatIsThere) {
  std::string out = "before ";
  append_scope(out, {"a", "b", {}, ""});
  EXPECT_EQ(out, "before a/b");
}

}  // namespace
}  // namespace sallyport::limit
