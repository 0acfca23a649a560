#include "base/reason.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace sallyport {
namespace {

TEST(Reasons, EachHasItsOwnNameAndText) {
  std::set<std::string_view> names;
  std::set<std::string_view> texts;
  for (std::size_t i = 0; i < kReasonCount; ++i) {
    const auto reason = static_cast<Reason>(i);
    EXPECT_TRUE(names.insert(to_string(reason)).second) << to_string(reason);
    EXPECT_TRUE(texts.insert(describe(reason)).second) << describe(reason);
  }
  EXPECT_EQ(to_string(Reason::Ok), "ok");
  EXPECT_EQ(to_string(Reason::KeyUnknown), "key_unknown");
  EXPECT_EQ(to_string(Reason::NoPermission), "no_permission");
  EXPECT_EQ(to_string(Reason::InternalError), "internal_error");
}

}  // namespace
}  // namespace sallyport
