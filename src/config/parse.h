// sallyport.toml -> Config. Syntax errors are reported one, errors of meaning all together, each
// with file, line and column; an unknown key names the nearest known one. Pure, any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace sallyport::config {

struct Problem {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string text;  // names the key and the rule
  bool warning = false;

  std::string to_string() const;  // "file:line:column: text"
};

struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

struct Parsed {
  Config config;
  std::map<std::string, Place> places;  // where keys and tables stand: "listener[0].certificate"
  std::vector<Problem> problems;        // in the order of the file
  bool usable() const;                  // no problem that is not a warning
};

Parsed parse(std::string_view text, const std::string& file_name);
Parsed load(const std::string& path);  // a file that cannot be read is a problem

struct KeyInfo {
  std::string_view name;  // "limits.head_bytes", "api[].name"
  std::string_view meaning;
};
const std::vector<KeyInfo>& known_keys();

}  // namespace sallyport::config
