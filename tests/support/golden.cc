#include "support/golden.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace sallyport::test {

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path << " cannot be read";
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string golden_path(std::string_view name) {
  return std::string(SALLYPORT_TEST_SOURCE_DIR) + "/tests/golden/" + std::string(name);
}

void expect_golden(std::string_view name, std::string_view text) {
  const std::string path = golden_path(name);
  const char* update = std::getenv("SALLYPORT_UPDATE_GOLDEN");
  if (update != nullptr && std::string_view(update) == "1") {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  EXPECT_EQ(text, read_text(path)) << "differs from tests/golden/" << name;
}

}  // namespace sallyport::test
