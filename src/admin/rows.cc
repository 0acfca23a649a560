#include "admin/rows.h"

#include <algorithm>
#include <charconv>
#include <exception>

#include <boost/json.hpp>

#include "admin/json_text.h"

namespace sallyport::admin {

// "LINE TEXT\n": a row has no newline, whatever its file had.
std::string write_rows(const std::vector<Row>& rows) {
  std::string out;
  for (const Row& row : rows) {
    out += std::to_string(row.line);
    out += ' ';
    out += row.text;
    out += '\n';
  }
  return out;
}

Result<std::vector<Row>> read_rows(std::string_view text) {
  std::vector<Row> rows;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    Row& row = rows.emplace_back();
    const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), row.line);
    if (error != std::errc() || rest == line.data() + line.size() || *rest != ' ') {
      return fail(ErrorKind::Invalid, "the rows are not what this version understands");
    }
    row.text = line.substr(static_cast<std::size_t>(rest - line.data()) + 1);
  }
  return rows;
}

std::string to_json(const RowsResult& result) {
  std::vector<std::string> refused;
  refused.reserve(result.refused.size());
  for (const RefusedRow& row : result.refused) {
    refused.push_back(JsonObject().number("line", row.line).text("rule", row.rule).str());
  }
  return JsonObject()
      .number("done", result.done)
      .number("present", result.present)
      .number("flagged", result.flagged)
      .raw("refused", json_array(refused))
      .str();
}

Result<RowsResult> parse_rows_result(std::string_view json) {
  try {
    const boost::json::value document = boost::json::parse({json.data(), json.size()});
    const boost::json::object& object = document.as_object();
    const auto number = [](const boost::json::value& value) {
      return boost::json::value_to<std::int64_t>(value);
    };
    RowsResult result;
    result.done = number(object.at("done"));
    result.present = number(object.at("present"));
    result.flagged = number(object.at("flagged"));
    for (const boost::json::value& row : object.at("refused").as_array()) {
      result.refused.push_back({number(row.as_object().at("line")),
                                boost::json::value_to<std::string>(row.as_object().at("rule"))});
    }
    return result;
  } catch (const std::exception&) {
    return fail(ErrorKind::Invalid, "the server's answer is not what this version understands");
  }
}

}  // namespace sallyport::admin
