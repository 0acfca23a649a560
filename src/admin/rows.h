// A list too long for one request, in pieces: the command line reads rows from a file or standard
// input and sends some at a time, the verb answers for each piece what became of it. Rows may hold
// keys, so a piece travels as a secret. Values and pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace sallyport::admin {

inline constexpr std::string_view kRowsSecret = "rows";
inline constexpr std::size_t kMaxRowBytes = 16 * 1024;

struct Row {
  std::int64_t line = 0;  // where it begins, from 1
  std::string text;       // one line
};
struct RefusedRow {
  std::int64_t line = 0;
  std::string rule;
};
struct RowsResult {
  std::int64_t done = 0;
  std::int64_t present = 0;  // there was nothing left to do for it
  std::int64_t flagged = 0;  // of `done`: accepted all the same
  std::vector<RefusedRow> refused;
};

// Where the command line gets rows from.
class RowSource {
 public:
  virtual ~RowSource() = default;
  using Next = std::variant<Row, RefusedRow>;
  virtual std::optional<Next> next() = 0;
  virtual std::int64_t bytes_read() const = 0;
};

std::string write_rows(const std::vector<Row>& rows);
Result<std::vector<Row>> read_rows(std::string_view text);
std::string to_json(const RowsResult& result);
Result<RowsResult> parse_rows_result(std::string_view json);

}  // namespace sallyport::admin
