// JSON as a small tree, read strictly (RFC 8259): duplicate names, depth, size, numbers that are no
// finite number and what is not UTF-8 are refused. For documents that decide something, like tokens
// and key sets; the request bodies of the engine have a reader of their own. Values, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport {

struct JsonLimits {
  std::size_t depth = 8;
  std::size_t values = 4096;
};

struct JsonMember;

struct JsonValue {
  enum class Kind : std::uint8_t { Null, Boolean, Number, Text, Array, Object };
  Kind kind = Kind::Null;
  bool truth = false;
  double number = 0;
  std::string text;
  std::vector<JsonValue> items;     // of an array
  std::vector<JsonMember> members;  // of an object, in their order

  // Of an object; nullptr when it has none of that name, or is none.
  const JsonValue* find(std::string_view name) const;
  // The text of a member that is a text.
  const std::string* find_text(std::string_view name) const;
};

struct JsonMember {
  std::string name;
  JsonValue value;
};

std::optional<JsonValue> parse_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace sallyport
