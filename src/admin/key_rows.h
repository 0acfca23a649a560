// Keys to be imported, as they stand in a file: CSV (RFC 4180) with a heading, JSON lines, or one
// key a line. Each becomes a row of JSON whose members are all text. What cannot be read is a
// refused row, and the next one is read. Command line only, one thread.
#pragma once

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "admin/rows.h"
#include "base/result.h"

namespace sallyport::admin {

enum class KeyFormat : unsigned char { Csv, JsonLines };
// By the file's name, else by what it begins with.
KeyFormat guess_format(std::string_view file, std::istream& content);

class KeyRows final : public RowSource {
 public:
  // Invalid: a heading with an unknown name or without "key".
  static Result<std::unique_ptr<KeyRows>> open(std::istream& content, KeyFormat format);
  std::optional<Next> next() override;
  std::int64_t bytes_read() const override { return bytes_; }

  KeyRows(std::istream& content, KeyFormat format) : content_(content), format_(format) {}

 private:
  enum class Read : unsigned char { Line, TooLong, End };
  Read read_line(std::string& line);
  Result<void> read_heading();
  std::optional<Next> next_csv(std::string first, std::int64_t line);
  Next json_row(std::string_view text, std::int64_t line);
  Next finished(std::vector<std::pair<std::string_view, std::string>> members, std::int64_t line);

  std::istream& content_;
  const KeyFormat format_;
  std::int64_t bytes_ = 0;
  std::int64_t line_ = 0;
  std::vector<std::string_view> columns_;
  std::optional<std::string> held_;  // the first line, when it was a key and no heading
  // The first eight bytes of the keys' SHA-256, and where they were: a million take 40 MB.
  std::unordered_map<std::uint64_t, std::int64_t> seen_;
};

// The fields of one CSV record; nullopt when a quoted field is still open.
std::optional<Result<std::vector<std::string>>> split_csv(std::string_view record);

// Ids, one a line; blank lines and those that begin with '#' are passed over.
class IdRows final : public RowSource {
 public:
  explicit IdRows(std::istream& content) : content_(content) {}
  std::optional<Next> next() override;
  std::int64_t bytes_read() const override { return bytes_; }

 private:
  std::istream& content_;
  std::int64_t bytes_ = 0;
  std::int64_t line_ = 0;
};

}  // namespace sallyport::admin
