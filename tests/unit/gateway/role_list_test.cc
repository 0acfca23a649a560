#include "gateway/role_list.h"

#include <gtest/gtest.h>

namespace sallyport::gateway {
namespace {

TEST(RoleList, IsAListOfStrings) {
  std::string list;
  append_role(list, "sender");
  append_role(list, "a \"b\" \\c, d");
  append_role(list, "Köln 100%\"");
  EXPECT_EQ(list, R"("sender", "a \"b\" \\c, d", %"K%c3%b6ln 100%25%22")");
}

}  // namespace
}  // namespace sallyport::gateway
