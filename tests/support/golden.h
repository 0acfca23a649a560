// Golden files: what a text must be, kept in tests/golden/. Any test thread; a difference fails the
// running test. With SALLYPORT_UPDATE_GOLDEN=1 in the environment the file is written instead.
#pragma once

#include <string>
#include <string_view>

namespace sallyport::test {

std::string read_text(const std::string& path);  // fails the running test when it cannot
std::string golden_path(std::string_view name);  // "config/unknown_key.toml"
void expect_golden(std::string_view name, std::string_view text);

}  // namespace sallyport::test
