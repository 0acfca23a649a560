#include "base/json_value.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <unordered_set>

#include <boost/json/basic_parser_impl.hpp>

#include "base/encoding.h"

namespace sallyport {
namespace {

namespace json = boost::json;
using Kind = JsonValue::Kind;

// Fills the tree as the parser goes; false from any of these stops it.
class Handler {
 public:
  using Code = json::error_code;
  static constexpr std::size_t max_object_size = std::size_t(-1) / 2;
  static constexpr std::size_t max_array_size = std::size_t(-1) / 2;
  static constexpr std::size_t max_key_size = 1024;
  static constexpr std::size_t max_string_size = std::size_t(-1) / 2;

  explicit Handler(const JsonLimits& limits) : limits_(limits) {}

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code& code) { return begin(Kind::Object, code); }
  bool on_object_end(std::size_t, Code& code) { return end(code); }
  bool on_array_begin(Code& code) { return begin(Kind::Array, code); }
  bool on_array_end(std::size_t, Code& code) { return end(code); }
  bool on_key_part(json::string_view part, std::size_t, Code&) { return append(name_, part); }
  bool on_key(json::string_view part, std::size_t, Code& code) {
    append(name_, part);
    return open_.back().names.insert(name_).second || stop(code);
  }
  bool on_string_part(json::string_view part, std::size_t, Code&) { return append(text_, part); }
  bool on_string(json::string_view part, std::size_t, Code& code) {
    append(text_, part);
    JsonValue value = made(Kind::Text);
    value.text = std::exchange(text_, {});
    return add(std::move(value), code);
  }
  bool on_number_part(json::string_view, Code&) { return true; }
  bool on_int64(std::int64_t value, json::string_view, Code& code) {
    return add_number(static_cast<double>(value), code);
  }
  bool on_uint64(std::uint64_t value, json::string_view, Code& code) {
    return add_number(static_cast<double>(value), code);
  }
  bool on_double(double value, json::string_view, Code& code) { return add_number(value, code); }
  bool on_bool(bool truth, Code& code) {
    JsonValue value = made(Kind::Boolean);
    value.truth = truth;
    return add(std::move(value), code);
  }
  bool on_null(Code& code) { return add(made(Kind::Null), code); }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }

  JsonValue take() { return std::move(root_); }

 private:
  struct Open {
    JsonValue value;
    std::string name;  // under which its parent has it
    std::unordered_set<std::string> names;
  };

  static bool append(std::string& out, json::string_view part) {
    out.append(part.data(), part.size());
    return true;
  }
  static bool stop(Code& code) {
    code = json::error::extra_data;  // any: only that it stopped is told
    return false;
  }
  static JsonValue made(Kind kind) {
    JsonValue value;
    value.kind = kind;
    return value;
  }
  bool begin(Kind kind, Code& code) {
    if (open_.size() >= limits_.depth) return stop(code);
    open_.push_back({made(kind), std::exchange(name_, {}), {}});
    return true;
  }
  bool end(Code& code) {
    Open closed = std::move(open_.back());
    open_.pop_back();
    name_ = std::move(closed.name);
    return add(std::move(closed.value), code);
  }
  bool add_number(double number, Code& code) {
    if (!std::isfinite(number)) return stop(code);
    JsonValue value = made(Kind::Number);
    value.number = number;
    return add(std::move(value), code);
  }
  bool add(JsonValue value, Code& code) {
    if (++values_ > limits_.values) return stop(code);
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().value.kind == Kind::Array) {
      open_.back().value.items.push_back(std::move(value));
    } else {
      open_.back().value.members.push_back({std::exchange(name_, {}), std::move(value)});
    }
    return true;
  }

  const JsonLimits limits_;
  std::size_t values_ = 0;
  std::vector<Open> open_;
  std::string name_;
  std::string text_;
  JsonValue root_;
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view name) const {
  const auto found = std::ranges::find(members, name, &JsonMember::name);
  return found == members.end() ? nullptr : &found->value;
}

const std::string* JsonValue::find_text(std::string_view name) const {
  const JsonValue* value = find(name);
  return value != nullptr && value->kind == Kind::Text ? &value->text : nullptr;
}

std::optional<JsonValue> parse_json(std::string_view text, const JsonLimits& limits) {
  if (!is_utf8(text)) return std::nullopt;
  try {
    json::parse_options options;
    options.max_depth = limits.depth + 1;
    json::basic_parser<Handler> parser(options, limits);
    json::error_code code;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), code);
    if (code || !parser.done()) return std::nullopt;
    if (text.find_first_not_of(" \t\r\n", read) != std::string_view::npos) return std::nullopt;
    return parser.handler().take();
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace sallyport
