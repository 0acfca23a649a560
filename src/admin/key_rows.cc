#include "admin/key_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "admin/json_text.h"
#include "auth/api_key.h"
#include "base/encoding.h"
#include "base/secret.h"
#include "messaging/json_reader.h"

namespace sallyport::admin {
namespace {

constexpr std::string_view kNames =
    "key, subscription, application, environment, status, not_before, expires, allowed_networks, "
    "note, rate_per_second, burst, quota, quota_period";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct Column {
  std::string_view written;
  std::string_view name;  // of the row's member
};
constexpr Column kColumns[] = {{"key", "key"},
                               {"api_key", "key"},
                               {"subscription", "subscription"},
                               {"application", "application"},
                               {"environment", "environment"},
                               {"status", "status"},
                               {"not_before", "not_before"},
                               {"expires", "expires"},
                               {"allowed_networks", "allowed_networks"},
                               {"networks", "allowed_networks"},
                               {"note", "note"},
                               {"rate_per_second", "rate_per_second"},
                               {"rate", "rate_per_second"},
                               {"burst", "burst"},
                               {"quota", "quota"},
                               {"quota_period", "quota_period"}};

// Empty: no such column. The text may be a key in the wrong place, so nobody repeats it.
std::string_view column_of(std::string_view written) {
  const auto* found = std::ranges::find(kColumns, written, &Column::written);
  return found == std::end(kColumns) ? std::string_view() : found->name;
}

std::uint64_t fingerprint(std::string_view key) {
  const Digest digest = auth::digest_of(key);
  std::uint64_t value = 0;
  std::memcpy(&value, digest.data(), sizeof value);
  return value;
}

bool is_blank(std::string_view line) { return trim_ascii(line).empty(); }

}  // namespace

KeyFormat guess_format(std::string_view file, std::istream& content) {
  for (const std::string_view ending : {".jsonl", ".ndjson", ".json"}) {
    if (file.ends_with(ending)) return KeyFormat::JsonLines;
  }
  if (file.ends_with(".csv") || file.ends_with(".txt")) return KeyFormat::Csv;
  return content.peek() == '{' ? KeyFormat::JsonLines : KeyFormat::Csv;
}

std::optional<Result<std::vector<std::string>>> split_csv(std::string_view record) {
  std::vector<std::string> fields;
  std::size_t at = 0;
  for (;;) {
    std::string& field = fields.emplace_back();
    if (at < record.size() && record[at] == '"') {
      for (++at;; ++at) {
        if (at >= record.size()) return std::nullopt;
        if (record[at] == '"') {
          if (at + 1 >= record.size() || record[at + 1] != '"') break;
          ++at;
        }
        field += record[at];
      }
      ++at;
      if (at < record.size() && record[at] != ',') {
        return fail(ErrorKind::Invalid, "after a quoted field there must be a comma");
      }
    } else {
      const std::size_t end = std::min(record.find(',', at), record.size());
      field = record.substr(at, end - at);
      if (field.find('"') != std::string::npos) {
        return fail(ErrorKind::Invalid, "a quotation mark inside a field that is not quoted");
      }
      at = end;
    }
    if (at >= record.size()) return fields;
    ++at;  // the comma
  }
}

Result<std::unique_ptr<KeyRows>> KeyRows::open(std::istream& content, KeyFormat format) {
  auto rows = std::make_unique<KeyRows>(content, format);
  if (format == KeyFormat::Csv) {
    if (auto read = rows->read_heading(); !read) return std::unexpected(read.error());
  }
  return rows;
}

// Without its end; a line that is too long is read to its end and forgotten.
KeyRows::Read KeyRows::read_line(std::string& line) {
  line.clear();
  bool too_long = false;
  int c = content_.get();
  if (c == std::istream::traits_type::eof()) return Read::End;
  ++line_;
  for (; c != std::istream::traits_type::eof(); c = content_.get()) {
    ++bytes_;
    if (c == '\n') break;
    if (line.size() < kMaxRowBytes) {
      line += static_cast<char>(c);
    } else {
      too_long = true;
    }
  }
  if (line.ends_with('\r')) line.pop_back();
  if (line_ == 1 && line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
  return too_long ? Read::TooLong : Read::Line;
}

Result<void> KeyRows::read_heading() {
  std::string line;
  if (read_line(line) != Read::Line) return {};  // empty, or refused when it is read
  const auto split = split_csv(line);
  if (!split || !*split) return fail(ErrorKind::Invalid, "line 1 is no heading of a CSV file");
  const std::vector<std::string>& names = **split;
  if (names.size() == 1 && column_of(ascii_lower(trim_ascii(names[0]))).empty()) {
    for (const char other : {';', '\t', '|'}) {
      const std::string first = names[0].substr(0, names[0].find(other));
      if (first.size() == names[0].size() || column_of(ascii_lower(trim_ascii(first))).empty()) {
        continue;
      }
      return fail(ErrorKind::Invalid,
                  "line 1 names columns, but there must be commas between them");
    }
    columns_ = {"key"};
    held_ = std::move(line);
    return {};
  }
  for (const std::string& name : names) {
    const std::string_view column = column_of(ascii_lower(trim_ascii(name)));
    if (column.empty()) {
      return fail(ErrorKind::Invalid,
                  fmt::format("line 1 must name the columns, and its column {} has a name that is "
                              "not known; there are: {}",
                              columns_.size() + 1, kNames));
    }
    if (std::ranges::find(columns_, column) != columns_.end()) {
      return fail(ErrorKind::Invalid, fmt::format("line 1 names the column {} twice", column));
    }
    columns_.push_back(column);
  }
  if (std::ranges::find(columns_, "key") == columns_.end()) {
    return fail(ErrorKind::Invalid, "line 1 names no column \"key\"");
  }
  return {};
}

std::optional<RowSource::Next> KeyRows::next() {
  if (held_) {
    std::string first = std::move(*held_);
    held_.reset();
    return next_csv(std::move(first), 1);
  }
  std::string line;
  for (;;) {
    const Read read = read_line(line);
    if (read == Read::End) return std::nullopt;
    if (read == Read::TooLong) {
      return RefusedRow{line_, fmt::format("the line is longer than {} bytes", kMaxRowBytes)};
    }
    if (is_blank(line)) continue;
    return format_ == KeyFormat::Csv ? next_csv(std::move(line), line_) : json_row(line, line_);
  }
}

std::optional<RowSource::Next> KeyRows::next_csv(std::string record, std::int64_t line) {
  auto split = split_csv(record);
  std::string more;
  while (!split) {  // a line end inside a quoted field
    if (read_line(more) != Read::Line || record.size() + more.size() > kMaxRowBytes) {
      return RefusedRow{line, "a quoted field does not end"};
    }
    record += "\n" + more;
    split = split_csv(record);
  }
  if (!*split) return RefusedRow{line, split->error().message};
  std::vector<std::string>& fields = **split;
  if (fields.size() != columns_.size()) {
    return RefusedRow{
        line, fmt::format("it has {} fields, and the heading {}", fields.size(), columns_.size())};
  }
  std::vector<std::pair<std::string_view, std::string>> members;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!fields[i].empty()) members.emplace_back(columns_[i], std::move(fields[i]));
  }
  return finished(std::move(members), line);
}

RowSource::Next KeyRows::json_row(std::string_view text, std::int64_t line) {
  const auto read = messaging::read_json(text);
  if (!read) return RefusedRow{line, fmt::format("not a JSON object: {}", read.error().detail)};
  std::vector<std::pair<std::string_view, std::string>> members;
  for (const messaging::InputMember& member : read->members) {
    const std::string_view column = column_of(member.name);
    if (column.empty()) {
      return RefusedRow{line, fmt::format("member {} has a name that is not known; there are: {}",
                                          &member - read->members.data() + 1, kNames)};
    }
    const auto again = std::ranges::find(members, column, [](auto& one) { return one.first; });
    if (again != members.end()) return RefusedRow{line, fmt::format("{} is there twice", column)};
    const messaging::InputValue& value = member.value;
    if (value.kind == messaging::InputValue::Kind::Null) continue;
    if (column == "key" && value.kind != messaging::InputValue::Kind::Text) {
      return RefusedRow{line, "key must be a text"};
    }
    if (value.is_scalar()) {
      members.emplace_back(column, value.text);
      continue;
    }
    std::string joined;
    for (const messaging::InputValue& item : value.items) {
      joined += (joined.empty() ? "" : " ") + item.text;
    }
    if (column != "allowed_networks" || !value.members.empty()) {
      return RefusedRow{line, fmt::format("{} must be a text", column)};
    }
    members.emplace_back(column, std::move(joined));
  }
  return finished(std::move(members), line);
}

RowSource::Next KeyRows::finished(std::vector<std::pair<std::string_view, std::string>> members,
                                  std::int64_t line) {
  const auto key = std::ranges::find(members, "key", [](auto& one) { return one.first; });
  if (key == members.end() || key->second.empty()) return RefusedRow{line, "there is no key"};
  const auto [seen, is_new] = seen_.emplace(fingerprint(key->second), line);
  if (!is_new) {
    return RefusedRow{line, fmt::format("it has the same key as line {}", seen->second)};
  }
  JsonObject row;
  for (auto& [name, value] : members) {
    if (!is_utf8(value)) return RefusedRow{line, fmt::format("{} is not UTF-8", name)};
    row.text(name, value);
    wipe(value);
  }
  return Row{line, row.str()};
}

std::optional<RowSource::Next> IdRows::next() {
  std::string line;
  while (std::getline(content_, line)) {
    ++line_;
    bytes_ += std::ssize(line) + 1;
    if (line.ends_with('\r')) line.pop_back();
    const std::string_view id = trim_ascii(line);
    if (id.empty() || id.starts_with('#')) continue;
    if (id.size() > 64) return RefusedRow{line_, "that is no key's id"};
    return Row{line_, std::string(id)};
  }
  return std::nullopt;
}

}  // namespace sallyport::admin
