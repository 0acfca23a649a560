#include "config/difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "config/document.h"

namespace sallyport::config {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

std::string text_of(const Node& node);

std::string text_of(const Array& array) {
  std::string text;
  for (const Node& node : array) text += (text.empty() ? "" : ", ") + text_of(node);
  return "[" + text + "]";
}

std::string text_of(const Node& node) {
  if (const auto* text = std::get_if<std::string>(&node.value)) return fmt::format("\"{}\"", *text);
  if (const auto* number = std::get_if<std::int64_t>(&node.value)) return std::to_string(*number);
  if (const auto* truth = std::get_if<bool>(&node.value)) return *truth ? "true" : "false";
  if (const auto* array = std::get_if<Array>(&node.value)) return text_of(*array);
  return node.type();
}

void flatten(const Node& node, const std::string& name, Values& values) {
  if (const auto* table = std::get_if<Table>(&node.value)) {
    for (const Entry& entry : *table) {
      flatten(entry.node, name.empty() ? entry.key : fmt::format("{}.{}", name, entry.key), values);
    }
  } else if (node.is_tables()) {
    const auto& array = std::get<Array>(node.value);
    for (std::size_t i = 0; i < array.size(); ++i) {
      flatten(array[i], fmt::format("{}[{}]", name, i), values);
    }
  } else {
    values.emplace_back(name, text_of(node));
  }
}

Values values_of(std::string_view text) {
  Values values;
  if (const auto document = read_document(text)) flatten(*document, "", values);
  return values;
}

std::string find(const Values& values, const std::string& name) {
  const auto found = std::ranges::find(values, name, &Values::value_type::first);
  return found == values.end() ? std::string() : found->second;
}

std::string shown(const std::string& value) { return value.empty() ? "(not set)" : value; }

}  // namespace

std::string Difference::to_string() const {
  return fmt::format("{}: {} -> {}", name, shown(before), shown(after));
}

std::vector<Difference> differences(std::string_view before, std::string_view after) {
  const Values old_values = values_of(before);
  const Values new_values = values_of(after);
  std::vector<Difference> found;
  for (const auto& [name, value] : new_values) {
    std::string old = find(old_values, name);
    if (old != value) found.push_back({name, std::move(old), value});
  }
  for (const auto& [name, value] : old_values) {
    if (find(new_values, name).empty()) found.push_back({name, value, {}});
  }
  return found;
}

}  // namespace sallyport::config
