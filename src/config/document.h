// A TOML file as a plain tree that remembers where everything stands. The one place that knows the
// TOML library. Values; any thread. A syntax error is the Error's text, with its place.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "config/parse.h"

namespace sallyport::config {

struct Node;
struct Entry;
using Table = std::vector<Entry>;  // in the order of the file
using Array = std::vector<Node>;
struct OtherValue {  // what no key of ours takes
  std::string type;  // "a date or time", "a number with a fraction"
};

struct Node {
  Place place;  // of a table's entry: where its key stands
  std::variant<Table, Array, std::string, std::int64_t, bool, OtherValue> value;

  bool is_tables() const;                        // an array of tables that holds at least one
  std::string type() const;                      // "a table", "an integer", ... for messages
  const Node* find(std::string_view key) const;  // nullptr also when this is no table
};

struct Entry {
  std::string key;
  Node node;
};

struct SyntaxError {
  Place place;
  std::string text;
};

std::expected<Node, SyntaxError> read_document(std::string_view text);

}  // namespace sallyport::config
