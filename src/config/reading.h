// Reads the values of one configuration file by type and collects what is wrong with them.
// A Reading belongs to one call of parse(); Scopes are views into it and into the document.
// One thread. Nothing fails here: a wrong value is reported and the default stays.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"
#include "config/document.h"
#include "config/parse.h"

namespace sallyport::config {

// "100ms", "30s", "2m", "48h", "7d"; at most 365 days.
std::optional<milliseconds> parse_duration(std::string_view text);
std::string duration_text(milliseconds value);

// "api[0].host[1].host" -> "api[].host[].host", the name that the documentation uses.
std::string without_indices(std::string_view name);

class Reading {
 public:
  Reading(Parsed& parsed, std::string file) : parsed_(parsed), file_(std::move(file)) {}

  // Notes where everything stands and reports what is not known.
  void walk(const Node& document);
  // What is missing is told where its table begins.
  void add(const std::string& name, std::string text, bool warning = false);
  bool is_set(const std::string& name) const { return parsed_.places.contains(name); }
  bool is_wrong(const std::string& name) const { return wrong_.contains(name); }

 private:
  void walk_table(const Table& table, const std::string& known, const std::string& here);
  void visit(const Node& node, const std::string& known, const std::string& here);

  Parsed& parsed_;
  std::string file_;
  std::set<std::string> wrong_;
};

// One table's values. A table that is not there reads as empty: every default stays.
class Scope {
 public:
  Scope(Reading& reading, const Node* node, std::string here)
      : reading_(reading), node_(node), here_(std::move(here)) {}

  Scope table(std::string_view name) const { return {reading_, find(name), path(name)}; }
  std::vector<Scope> tables(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }

  template <class Integer>
  void integer(std::string_view name, Integer& out, std::int64_t low, std::int64_t high) const {
    if (const auto value = integer_within(name, low, high)) out = static_cast<Integer>(*value);
  }
  template <class Integer>
  void integer(std::string_view name, std::optional<Integer>& out, std::int64_t low,
               std::int64_t high) const {
    if (const auto value = integer_within(name, low, high)) out = static_cast<Integer>(*value);
  }
  void boolean(std::string_view name, bool& out) const;
  void text(std::string_view name, std::string& out) const;
  void texts(std::string_view name, std::vector<std::string>& out) const;
  void duration(std::string_view name, milliseconds& out, milliseconds low,
                milliseconds high) const;
  void durations(std::string_view name, std::vector<milliseconds>& out, milliseconds low,
                 milliseconds high) const;
  template <class Enum>
  void choice(std::string_view name, Enum& out,
              std::initializer_list<std::pair<std::string_view, Enum>> words) const {
    const auto word = text_of(name);
    if (!word) return;
    std::string list;
    for (const auto& [known, value] : words) {
      if (*word == known) {
        out = value;
        return;
      }
      list += (list.empty() ? "\"" : ", \"") + std::string(known) + "\"";
    }
    fail(name, "must be one of " + list + ", not \"" + *word + "\"");
  }
  // Reports "<name> <rule>".
  void fail(std::string_view name, std::string_view rule) const;

 private:
  std::string path(std::string_view name) const;
  const Node* find(std::string_view name) const {
    return node_ == nullptr ? nullptr : node_->find(name);
  }
  void wrong_type(std::string_view name, std::string_view wanted, const Node& node) const;
  std::optional<std::int64_t> integer_within(std::string_view name, std::int64_t low,
                                             std::int64_t high) const;
  std::optional<std::string> text_of(std::string_view name) const;
  const Array* array_of(std::string_view name, std::string_view wanted) const;
  bool read_duration(std::string_view name, const Node& node, milliseconds& out, milliseconds low,
                     milliseconds high) const;

  Reading& reading_;
  const Node* node_;
  std::string here_;
};

}  // namespace sallyport::config
