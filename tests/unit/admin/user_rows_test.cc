#include "admin/user_rows.h"

#include <gtest/gtest.h>

#include <sstream>

#include "auth/password_hash.h"

namespace sallyport::admin {
namespace {

const std::string kBcrypt = "$2y$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2";

TEST(UserRows, EachLineIsARowOrAReason) {
  std::istringstream content("# users\njane:" + kBcrypt + "\n\njoe\nJANE:" + kBcrypt +
                             "\nann:" + kBcrypt + ":19000:0:::\r\n" + std::string(20'000, 'x') +
                             "\nsha:{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=");
  UserRows rows(content, {64, 1, 1});
  std::string found;
  std::string wrapped;
  while (auto next = rows.next()) {
    if (const auto* row = std::get_if<Row>(&*next)) {
      found += std::to_string(row->line) + " ok; ";
      if (row->line == 8) wrapped = row->text;
    } else {
      const auto& refused = std::get<RefusedRow>(*next);
      found += std::to_string(refused.line) + " " + refused.rule + "; ";
    }
  }
  EXPECT_EQ(found,
            "2 ok; 4 a line must be NAME:HASH; 5 it has the same name as line 2; 6 ok; "
            "7 the line is too long; 8 ok; ");
  EXPECT_NE(wrapped.find("$wrap-sha1$$argon2id$v=19$m=64,t=1,p=1$"), std::string::npos) << wrapped;
  EXPECT_GT(rows.bytes_read(), 20'000);
}

TEST(UserRows, AnEmptyFileHasNone) {
  std::istringstream content("");
  UserRows rows(content, {64, 1, 1});
  EXPECT_FALSE(rows.next());
}

}  // namespace
}  // namespace sallyport::admin
