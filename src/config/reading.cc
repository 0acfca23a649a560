#include "config/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "config/keys.h"

namespace sallyport::config {
namespace {

constexpr std::string_view kDuration = "a duration such as \"100ms\", \"30s\", \"2m\" or \"48h\"";

// "limits" and "head_bytes" -> "limits.head_bytes"
std::string below(const std::string& name, const std::string& key) {
  return name.empty() ? key : fmt::format("{}.{}", name, key);
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc()) return std::nullopt;
  const std::string_view unit(end, text.data() + text.size());
  const std::int64_t factor = unit == "ms"  ? 1
                              : unit == "s" ? 1'000
                              : unit == "m" ? 60'000
                              : unit == "h" ? 3'600'000
                              : unit == "d" ? 86'400'000
                                            : 0;
  constexpr std::int64_t kMost = 365LL * 86'400'000;
  if (factor == 0 || count > kMost / factor) return std::nullopt;
  return milliseconds(count * factor);
}

std::string duration_text(milliseconds value) {
  const auto ms = value.count();
  if (ms != 0 && ms % 3'600'000 == 0) return fmt::format("{}h", ms / 3'600'000);
  if (ms != 0 && ms % 60'000 == 0) return fmt::format("{}m", ms / 60'000);
  if (ms != 0 && ms % 1'000 == 0) return fmt::format("{}s", ms / 1'000);
  return fmt::format("{}ms", ms);
}

std::string without_indices(std::string_view name) {
  std::string out;
  bool inside = false;
  for (const char c : name) {
    if (c == ']') inside = false;
    if (!inside) out.push_back(c);
    if (c == '[') inside = true;
  }
  return out;
}

void Reading::walk(const Node& document) {
  if (const Table* table = std::get_if<Table>(&document.value)) walk_table(*table, "", "");
}

void Reading::walk_table(const Table& table, const std::string& known, const std::string& here) {
  for (const auto& [key, node] : table) {
    const std::string here_name = below(here, key);
    parsed_.places[here_name] = node.place;
    visit(node, below(known, key), here_name);
  }
}

void Reading::visit(const Node& node, const std::string& known, const std::string& here) {
  const Table* table = std::get_if<Table>(&node.value);
  const bool tables = node.is_tables();
  if (is_reserved(known) || (tables && is_reserved(known + "[]"))) {
    add(here, fmt::format("\"{}\" is not built yet", known));
  } else if (is_known_key(known)) {
    return;  // its type is checked where it is read
  } else if (is_known_table(known)) {
    if (table != nullptr) return walk_table(*table, known, here);
    add(here, fmt::format("\"{0}\" is a table: write [{0}]", without_indices(known)));
  } else if (is_known_table(known + "[]")) {
    if (!tables) return add(here, fmt::format("\"{0}\" is a list: write [[{0}]]", known));
    const Array& elements = std::get<Array>(node.value);
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const std::string element = fmt::format("{}[{}]", here, i);
      parsed_.places[element] = elements[i].place;
      walk_table(std::get<Table>(elements[i].value), known + "[]", element);
    }
  } else if (table != nullptr || tables) {
    std::string_view nearest = nearest_table(tables ? known + "[]" : known);
    if (nearest.ends_with("[]")) nearest.remove_suffix(2);
    add(here,
        fmt::format("unknown table \"{}\"; the nearest known table is \"{}\"", known, nearest));
  } else {
    add(here, fmt::format("unknown key \"{}\"; the nearest known key is \"{}\"", known,
                          nearest_key(known)));
  }
}

void Reading::add(const std::string& name, std::string text, bool warning) {
  if (!warning) wrong_.insert(name);
  std::string holder = name;
  while (!holder.empty() && !parsed_.places.contains(holder)) {
    const std::size_t dot = holder.rfind('.');
    holder.resize(dot == std::string::npos ? 0 : dot);
  }
  const Place place = holder.empty() ? Place{1, 1} : parsed_.places.at(holder);
  parsed_.problems.push_back({file_, place.line, place.column, std::move(text), warning});
}

std::vector<Scope> Scope::tables(std::string_view name) const {
  std::vector<Scope> found;
  const Node* node = find(name);
  if (node == nullptr || !node->is_tables()) return found;
  const Array& elements = std::get<Array>(node->value);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    found.emplace_back(reading_, &elements[i], fmt::format("{}[{}]", path(name), i));
  }
  return found;
}

void Scope::boolean(std::string_view name, bool& out) const {
  const Node* node = find(name);
  if (node == nullptr) return;
  const bool* value = std::get_if<bool>(&node->value);
  if (value == nullptr) return wrong_type(name, "true or false", *node);
  out = *value;
}

void Scope::text(std::string_view name, std::string& out) const {
  if (auto value = text_of(name)) out = std::move(*value);
}

void Scope::texts(std::string_view name, std::vector<std::string>& out) const {
  const Array* array = array_of(name, "an array of strings");
  if (array == nullptr) return;
  std::vector<std::string> values;
  for (const Node& node : *array) {
    const std::string* value = std::get_if<std::string>(&node.value);
    if (value == nullptr) {
      return fail(name, fmt::format("must be an array of strings, but holds {}", node.type()));
    }
    values.push_back(*value);
  }
  out = std::move(values);
}

void Scope::duration(std::string_view name, milliseconds& out, milliseconds low,
                     milliseconds high) const {
  if (const Node* node = find(name)) read_duration(name, *node, out, low, high);
}

void Scope::durations(std::string_view name, std::vector<milliseconds>& out, milliseconds low,
                      milliseconds high) const {
  const Array* array = array_of(name, "an array of durations");
  if (array == nullptr) return;
  std::vector<milliseconds> values;
  for (const Node& node : *array) {
    if (!read_duration(name, node, values.emplace_back(low), low, high)) return;
  }
  out = std::move(values);
}

void Scope::fail(std::string_view name, std::string_view rule) const {
  reading_.add(path(name), fmt::format("{} {}", without_indices(path(name)), rule));
}

std::string Scope::path(std::string_view name) const {
  return here_.empty() ? std::string(name) : fmt::format("{}.{}", here_, name);
}

void Scope::wrong_type(std::string_view name, std::string_view wanted, const Node& node) const {
  fail(name, fmt::format("must be {}, not {}", wanted, node.type()));
}

std::optional<std::int64_t> Scope::integer_within(std::string_view name, std::int64_t low,
                                                  std::int64_t high) const {
  const Node* node = find(name);
  if (node == nullptr) return std::nullopt;
  const std::int64_t* value = std::get_if<std::int64_t>(&node->value);
  if (value == nullptr) {
    wrong_type(name, "an integer", *node);
    return std::nullopt;
  }
  if (*value < low || *value > high) {
    fail(name, fmt::format("must be between {} and {}, not {}", low, high, *value));
    return std::nullopt;
  }
  return *value;
}

std::optional<std::string> Scope::text_of(std::string_view name) const {
  const Node* node = find(name);
  if (node == nullptr) return std::nullopt;
  const std::string* value = std::get_if<std::string>(&node->value);
  if (value == nullptr) {
    wrong_type(name, "a string", *node);
    return std::nullopt;
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::ranges::any_of(*value, is_control)) {
    fail(name, "must not hold control characters");
    return std::nullopt;
  }
  return *value;
}

const Array* Scope::array_of(std::string_view name, std::string_view wanted) const {
  const Node* node = find(name);
  if (node == nullptr) return nullptr;
  const Array* array = std::get_if<Array>(&node->value);
  if (array == nullptr) wrong_type(name, wanted, *node);
  return array;
}

bool Scope::read_duration(std::string_view name, const Node& node, milliseconds& out,
                          milliseconds low, milliseconds high) const {
  const std::string* written = std::get_if<std::string>(&node.value);
  if (written == nullptr) {
    wrong_type(name, kDuration, node);
    return false;
  }
  const auto value = parse_duration(*written);
  if (!value) {
    fail(name, fmt::format("must be {}, not \"{}\"", kDuration, *written));
    return false;
  }
  if (*value < low || *value > high) {
    fail(name, fmt::format("must be between {} and {}, not {}", duration_text(low),
                           duration_text(high), *written));
    return false;
  }
  out = *value;
  return true;
}

}  // namespace sallyport::config
