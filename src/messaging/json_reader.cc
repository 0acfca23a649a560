#include "messaging/json_reader.h"

#include <fmt/core.h>

#include <cmath>
#include <exception>
#include <string>
#include <unordered_set>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>

#include "base/encoding.h"
#include "messaging/text.h"

namespace sallyport::messaging {
namespace {

namespace json = boost::json;
using Kind = InputValue::Kind;

constexpr std::size_t kShownName = 40;  // of a member's name in an error

// Fills the model as the parser goes. A rule of ours that is broken stops it: `broken` says which.
class Handler {
 public:
  static constexpr std::size_t max_object_size = kMaxJsonValues;
  static constexpr std::size_t max_array_size = kMaxJsonValues;
  static constexpr std::size_t max_key_size = 1024;
  static constexpr std::size_t max_string_size = std::size_t(-1) / 2;

  using Code = json::error_code;

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code& code) { return begin(Kind::Object, code); }
  bool on_object_end(std::size_t, Code& code) { return end(code); }
  bool on_array_begin(Code& code) { return begin(Kind::Array, code); }
  bool on_array_end(std::size_t, Code& code) { return end(code); }

  bool on_key_part(json::string_view part, std::size_t, Code&) {
    name_.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, Code& code) {
    name_.append(part.data(), part.size());
    if (!open_.back().names.insert(name_).second) {
      return stop(code, "the name \"" + printable(name_, kShownName) + "\" is given twice");
    }
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, Code&) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool on_string(json::string_view part, std::size_t, Code& code) {
    text_.append(part.data(), part.size());
    return add(Kind::Text, std::exchange(text_, {}), code);
  }
  bool on_number_part(json::string_view, Code&) { return true; }
  bool on_int64(std::int64_t value, json::string_view, Code& code) {
    return add(Kind::Number, std::to_string(value), code);
  }
  bool on_uint64(std::uint64_t value, json::string_view, Code& code) {
    return add(Kind::Number, std::to_string(value), code);
  }
  bool on_double(double value, json::string_view, Code& code) {
    if (!std::isfinite(value)) return stop(code, "a number is too large");
    return add(Kind::Number, fmt::format("{}", value), code);
  }
  bool on_bool(bool value, Code& code) {
    return add(Kind::Boolean, value ? "true" : "false", code);
  }
  bool on_null(Code& code) { return add(Kind::Null, {}, code); }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }

  InputValue take() { return std::move(root_); }
  const std::string& broken() const { return broken_; }

 private:
  struct Open {
    InputValue value;
    std::string name;  // of this value in the object around it
    std::unordered_set<std::string> names = {};
  };

  bool stop(Code& code, std::string rule) {
    broken_ = std::move(rule);
    code = json::make_error_code(json::error::syntax);
    return false;
  }
  bool count(Code& code) {
    return ++values_ <= kMaxJsonValues ||
           stop(code, fmt::format("more than {} values", kMaxJsonValues));
  }
  bool begin(Kind kind, Code& code) {
    if (!count(code)) return false;
    if (open_.size() == kMaxJsonDepth) {
      return stop(code, fmt::format("more than {} levels deep", kMaxJsonDepth));
    }
    open_.push_back({.value = InputValue::of(kind), .name = std::exchange(name_, {})});
    return true;
  }
  bool end(Code&) {
    Open done = std::move(open_.back());
    open_.pop_back();
    place(std::move(done.value), std::move(done.name));
    return true;
  }
  bool add(Kind kind, std::string text, Code& code) {
    if (!count(code)) return false;
    place(InputValue::of(kind, std::move(text)), std::exchange(name_, {}));
    return true;
  }
  void place(InputValue value, std::string name) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (open_.back().value.kind == Kind::Object) {
      open_.back().value.members.push_back({std::move(name), std::move(value)});
    } else {
      open_.back().value.items.push_back(std::move(value));
    }
  }

  InputValue root_;
  std::vector<Open> open_;
  std::string name_;
  std::string text_;
  std::size_t values_ = 0;
  std::string broken_;
};

ReadError at(std::string_view body, std::size_t offset, std::string_view rule) {
  std::size_t line = 1;
  std::size_t column = 1;
  for (const char c : body.substr(0, offset)) {
    if (c == '\n') {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  return {fmt::format("JSON, line {}, column {}: {}", line, column, rule)};
}

// The library calls "\\ud800x" a syntax error like any other.
bool behind_leading_surrogate(std::string_view body, std::size_t offset) {
  if (offset < 6) return false;
  const std::string escape = ascii_lower(body.substr(offset - 6, 4));
  return escape == "\\ud8" || escape == "\\ud9" || escape == "\\uda" || escape == "\\udb";
}

std::string rule_of(std::string_view body, std::size_t offset, const std::string& broken,
                    const json::error_code& code) {
  if (!broken.empty()) return broken;
  return behind_leading_surrogate(body, offset) ? "a lone surrogate" : code.message();
}

std::size_t first_bad_byte(std::string_view body) {
  std::size_t i = 0;
  while (i < body.size()) {
    const auto point = code_point_at(body, i);
    if (!point) break;
    i += point->length;
  }
  return i;
}

std::expected<InputValue, ReadError> parse(std::string_view body) {
  json::parse_options options;
  options.max_depth = kMaxJsonDepth + 1;  // our own check says it with our words
  json::basic_parser<Handler> parser(options);
  json::error_code code;
  const std::size_t read = parser.write_some(false, body.data(), body.size(), code);
  if (code) {
    return std::unexpected(at(body, read, rule_of(body, read, parser.handler().broken(), code)));
  }
  std::size_t rest = read;
  while (rest < body.size() && std::string_view(" \t\r\n").find(body[rest]) != std::string::npos) {
    ++rest;
  }
  if (rest != body.size()) return std::unexpected(at(body, rest, "text behind the value"));
  InputValue root = parser.handler().take();
  if (root.kind != Kind::Object) {
    return std::unexpected(at(body, 0, "the body must be an object"));
  }
  return root;
}

}  // namespace

std::expected<InputValue, ReadError> read_json(std::string_view body) {
  if (body.starts_with("\xEF\xBB\xBF")) body.remove_prefix(3);  // RFC 8259 8.1: may be ignored
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return std::unexpected(ReadError{"JSON: the body is empty"});
  }
  if (const auto nul = body.find('\0'); nul != std::string_view::npos) {
    return std::unexpected(at(body, nul, "a NUL byte; the encoding must be UTF-8"));
  }
  if (!is_utf8(body)) {
    return std::unexpected(at(body, first_bad_byte(body), "the encoding must be UTF-8"));
  }
  try {
    return parse(body);
  } catch (const std::exception& error) {  // the library's way to say "out of memory"
    return std::unexpected(ReadError{std::string("JSON: ") + error.what()});
  }
}

}  // namespace sallyport::messaging
