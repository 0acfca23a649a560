#include "admin/check_log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace sallyport::admin {
namespace {

TEST(CheckLog, SaysWhetherTheLimitsHeld) {
  const std::string path = testing::TempDir() + std::to_string(::getpid()) + "-check_log.log";
  const auto write = [&path](int count) {
    std::ofstream log(path);
    for (int i = 0; i < count; ++i) {
      log << R"({"time":"2026-11-24T12:00:00Z","decided_us":)" << 1'000 + i
          << R"(,"subscription":"5B","reason":"ok","status":200})" << "\n";
    }
  };
  const std::string limits = "# not checked: something\nsubscription 5B rate=2\n";
  write(2);
  CommandReply reply = check_log(path, limits);
  EXPECT_EQ(reply.exit_code, kDone) << reply.error;
  EXPECT_EQ(reply.text,
            "not checked: something\n"
            "subscription 5B: 2 per 1s: 2 admitted, 0 refused; 0 over, 0 wrongly refused\n"
            "2 lines, 2 decisions: 0 over, 0 wrongly refused\n");
  write(3);
  reply = check_log(path, limits);
  EXPECT_EQ(reply.exit_code, kRefused);
  EXPECT_EQ(reply.error, "the limits did not hold");
  EXPECT_NE(reply.json.find("\"over\":2,"), std::string::npos) << reply.json;
  ::unlink(path.c_str());
  EXPECT_EQ(check_log(path, limits).exit_code, kRefused);
  EXPECT_EQ(check_log("/dev/null", "nonsense here").exit_code, kRefused);
}

}  // namespace
}  // namespace sallyport::admin
