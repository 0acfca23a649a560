#include "base/log.h"

#include <gtest/gtest.h>

namespace sallyport {
namespace {

TEST(Log, WritesTextAsItIsAndKeepsTheLevel) {
  log::set_level(log::Level::Warn);
  testing::internal::CaptureStderr();
  log::info("quiet");
  log::warn("braces {} are text");
  const std::string out = testing::internal::GetCapturedStderr();
  EXPECT_EQ(out.find("quiet"), std::string::npos);
  EXPECT_NE(out.find("braces {} are text"), std::string::npos);
  log::set_level(log::Level::Info);
}

}  // namespace
}  // namespace sallyport
