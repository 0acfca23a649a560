#include "admin/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace sallyport::admin {
namespace {

// Standard input is replaced by a pipe that holds `text`.
class StandardInput {
 public:
  explicit StandardInput(const std::string& text) : before_(::dup(STDIN_FILENO)) {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::pipe(ends), 0);
    EXPECT_EQ(::write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(ends[1]);
    ::dup2(ends[0], STDIN_FILENO);
    ::close(ends[0]);
  }
  ~StandardInput() {
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
  }

 private:
  int before_;
};

TEST(ReadSecret, TakesOneLineOfStandardInput) {
  const struct {
    const char* input;
    const char* secret;  // nullptr: refused
    const char* why;
  } cases[] = {
      {"hunter22\n", "hunter22", "a line"},
      {"hunter22", "hunter22", "without its end"},
      {"hunter22\r\n", "hunter22", "of a file from elsewhere"},
      {" two words \nmore\n", " two words ", "blanks stay, further lines are left"},
      {"\n", nullptr, "an empty line"},
      {"", nullptr, "nothing"},
  };
  for (const auto& one : cases) {
    const StandardInput input(one.input);
    const auto secret = read_secret("password", true);
    ASSERT_EQ(secret.has_value(), one.secret != nullptr) << one.why;
    if (secret) {
      EXPECT_EQ(*secret, one.secret) << one.why;
    } else {
      EXPECT_EQ(secret.error().message, "no password on standard input") << one.why;
    }
  }
}

TEST(ReadSecret, HasALimit) {
  const StandardInput input(std::string(5000, 'x') + "\n");
  EXPECT_FALSE(read_secret("key", false));
}

}  // namespace
}  // namespace sallyport::admin
