// What a plan opens and what a role permits or denies, compiled from base/entities.h's Match
// against the names of the configured APIs and the engine's operations. Values, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/pattern.h"
#include "access/pattern_trie.h"
#include "base/entities.h"
#include "base/result.h"
#include "http/request.h"

namespace sallyport::access {

// The names that rules may use, each with an index. A value: a longer one begins with the old
// names.
class Catalog {
 public:
  static constexpr std::size_t kNone = SIZE_MAX;
  Catalog(std::vector<std::string> apis, std::vector<std::string> operations)
      : apis_(std::move(apis)), operations_(std::move(operations)) {}

  std::size_t api(std::string_view name) const { return index(apis_, name); }
  std::size_t operation(std::string_view name) const { return index(operations_, name); }
  const std::vector<std::string>& apis() const { return apis_; }
  const std::vector<std::string>& operations() const { return operations_; }

 private:
  static std::size_t index(const std::vector<std::string>& names, std::string_view name);
  std::vector<std::string> apis_;
  std::vector<std::string> operations_;
};

// The request as rules see it.
struct Question {
  std::size_t api = 0;
  std::size_t operation = Catalog::kNone;  // of the route, if it names one
  http::Method method = http::Method::Get;
  std::span<const std::string_view> segments;
};

// Methods as bits. HEAD asks with GET's bit too: whoever may GET may HEAD.
std::uint32_t method_bit(http::Method method);
std::uint32_t asked_bits(http::Method method);

class Rule {
 public:
  // Invalid: neither or both of operation and methods + pattern, an unknown name, a bad pattern.
  static Result<Rule> compile(const Match& match, const Catalog& catalog);
  bool matches(const Question& question) const;

  bool by_operation() const { return by_operation_; }
  std::size_t api() const { return api_; }              // kNone: every one
  std::size_t operation() const { return operation_; }  // kNone: every one
  std::uint32_t methods() const { return methods_; }
  const Pattern& pattern() const { return pattern_; }

 private:
  std::size_t api_ = Catalog::kNone;
  std::size_t operation_ = Catalog::kNone;
  bool by_operation_ = false;
  std::uint32_t methods_ = 0;
  Pattern pattern_;
};

// Many rules as one set: a bit per (API, operation), and per API a trie of those with patterns.
// What a question costs depends on its path, not on how many rules there are.
class RuleSet {
 public:
  void add(const Rule& rule, const Catalog& catalog);
  void finish();  // after the last add(), before the first question
  // `steps`, if given, is raised by what was looked at.
  bool contains(const Question& question, std::size_t* steps = nullptr) const;
  bool empty() const { return bits_.empty() && tries_.empty(); }

 private:
  std::size_t stride_ = 0;           // bits per API: one per operation and one for "none"
  std::vector<std::uint64_t> bits_;  // empty when no rule names an operation
  std::vector<PatternTrie> tries_;   // per API; empty when no rule has a pattern
};

// "messaging:messages.create" or "messaging:GET,POST /x/**", for people and for scopes.
std::string to_string(const Match& match);

}  // namespace sallyport::access
