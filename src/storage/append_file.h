// A text file of lines that is only ever appended to, each line durable when append() returns. A
// line that a crash cut short is ignored and the next one begins on a line of its own. Mode 0600.
// One process at a time, which holds the StoreLock; one thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sallyport::storage {

class AppendFile {
 public:
  explicit AppendFile(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  // Whole lines, without their ends; none when there is no file.
  Result<std::vector<std::string>> lines() const;
  Result<void> append(std::string_view lines);  // each with its end

 private:
  std::string path_;
};

}  // namespace sallyport::storage
