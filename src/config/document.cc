#include "config/document.h"

#include <algorithm>
#include <exception>

// "[[[" or "[.a]" make a false statement of what the library takes for sure, before it refuses them
// with the right words: an abort, or worse, where there should be an error in the file.
#include <toml++/impl/preprocessor.h>
#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT_ASSUME(expr) static_assert(true)
#include <toml++/toml.h>

namespace sallyport::config {
namespace {

Place place_of(const toml::source_region& region) {
  return {region.begin.line, region.begin.column};
}

Node convert(const toml::node& node) {
  Node out;
  out.place = place_of(node.source());
  if (const toml::table* table = node.as_table()) {
    Table entries;
    for (auto&& [key, value] : *table) {
      Node entry = convert(value);
      entry.place = place_of(key.source());
      entries.push_back({std::string(key.str()), std::move(entry)});
    }
    std::ranges::stable_sort(entries, {}, [](const auto& entry) {
      return std::pair(entry.node.place.line, entry.node.place.column);
    });
    out.value = std::move(entries);
  } else if (const toml::array* array = node.as_array()) {
    Array elements;
    for (const toml::node& element : *array) elements.push_back(convert(element));
    out.value = std::move(elements);
  } else if (const auto* text = node.as_string()) {
    out.value = text->get();
  } else if (const auto* number = node.as_integer()) {
    out.value = number->get();
  } else if (const auto* truth = node.as_boolean()) {
    out.value = truth->get();
  } else {
    out.value =
        OtherValue{node.is_floating_point() ? "a number with a fraction" : "a date or time"};
  }
  return out;
}

}  // namespace

bool Node::is_tables() const {
  const Array* array = std::get_if<Array>(&value);
  return array != nullptr && !array->empty() &&
         std::ranges::all_of(*array, [](const Node& element) {
           return std::holds_alternative<Table>(element.value);
         });
}

std::string Node::type() const {
  switch (value.index()) {
    case 0: return "a table";
    case 1: return "an array";
    case 2: return "a string";
    case 3: return "an integer";
    case 4: return "true or false";
    default: return std::get<OtherValue>(value).type;
  }
}

const Node* Node::find(std::string_view key) const {
  const Table* table = std::get_if<Table>(&value);
  if (table == nullptr) return nullptr;
  const auto found = std::ranges::find(
      *table, key, [](const auto& entry) -> std::string_view { return entry.key; });
  return found == table->end() ? nullptr : &found->node;
}

std::expected<Node, SyntaxError> read_document(std::string_view text) {
  try {
    return convert(toml::parse(text));
  } catch (const toml::parse_error& error) {
    return std::unexpected(SyntaxError{place_of(error.source()), std::string(error.description())});
  } catch (const std::exception& error) {
    return std::unexpected(SyntaxError{{}, error.what()});
  }
}

}  // namespace sallyport::config
