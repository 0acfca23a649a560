#include "access/rule.h"

#include <algorithm>

namespace sallyport::access {
namespace {

constexpr std::uint32_t kEveryMethod = 0xFFFF'FFFF;

Result<std::uint32_t> methods_of(const Match& match) {
  std::uint32_t bits = 0;
  for (const std::string& name : match.methods) {
    if (name == "*") return kEveryMethod;
    const auto method = http::parse_method(name);
    if (!method) return fail(ErrorKind::Invalid, "\"" + name + "\" is no method");
    bits |= method_bit(*method);
  }
  return bits;
}

}  // namespace

std::size_t Catalog::index(const std::vector<std::string>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? kNone : static_cast<std::size_t>(found - names.begin());
}

std::uint32_t method_bit(http::Method method) {
  return std::uint32_t{1} << static_cast<unsigned>(method);
}

std::uint32_t asked_bits(http::Method method) {
  const std::uint32_t bits = method_bit(method);
  return method == http::Method::Head ? bits | method_bit(http::Method::Get) : bits;
}

Result<Rule> Rule::compile(const Match& match, const Catalog& catalog) {
  Rule rule;
  if (match.api != "*") {
    rule.api_ = catalog.api(match.api);
    if (rule.api_ == Catalog::kNone) {
      return fail(ErrorKind::Invalid, "no API is named \"" + match.api + "\"");
    }
  }
  rule.by_operation_ = !match.operation.empty();
  if (rule.by_operation_) {
    if (!match.methods.empty() || !match.pattern.empty()) {
      return fail(ErrorKind::Invalid, "a rule has an operation, or methods and a pattern");
    }
    if (match.operation == "*") return rule;
    rule.operation_ = catalog.operation(match.operation);
    if (rule.operation_ == Catalog::kNone) {
      return fail(ErrorKind::Invalid, "no operation is named \"" + match.operation + "\"");
    }
    return rule;
  }
  if (match.methods.empty() || match.pattern.empty()) {
    return fail(ErrorKind::Invalid, "a rule has an operation, or methods and a pattern");
  }
  const auto methods = methods_of(match);
  if (!methods) return std::unexpected(methods.error());
  auto pattern = Pattern::parse(match.pattern);
  if (!pattern) return std::unexpected(pattern.error());
  rule.methods_ = *methods;
  rule.pattern_ = std::move(*pattern);
  return rule;
}

bool Rule::matches(const Question& question) const {
  if (api_ != Catalog::kNone && api_ != question.api) return false;
  if (by_operation_) return operation_ == Catalog::kNone || operation_ == question.operation;
  return (methods_ & asked_bits(question.method)) != 0 && pattern_.matches(question.segments);
}

void RuleSet::add(const Rule& rule, const Catalog& catalog) {
  const std::size_t apis = catalog.apis().size();
  if (!rule.by_operation()) {
    tries_.resize(apis);
    for (std::size_t api = 0; api < apis; ++api) {
      if (rule.api() == Catalog::kNone || rule.api() == api) {
        tries_[api].add(rule.pattern(), rule.methods());
      }
    }
    return;
  }
  stride_ = catalog.operations().size() + 1;
  bits_.resize((apis * stride_ + 63) / 64);
  for (std::size_t api = 0; api < apis; ++api) {
    if (rule.api() != Catalog::kNone && rule.api() != api) continue;
    for (std::size_t operation = 0; operation < stride_; ++operation) {
      if (rule.operation() != Catalog::kNone && rule.operation() != operation) continue;
      const std::size_t bit = api * stride_ + operation;
      bits_[bit / 64] |= std::uint64_t{1} << (bit % 64);
    }
  }
}

void RuleSet::finish() {
  for (PatternTrie& trie : tries_) trie.finish();
}

bool RuleSet::contains(const Question& question, std::size_t* steps) const {
  if (steps != nullptr) ++*steps;
  if (!bits_.empty()) {
    const std::size_t operation =
        question.operation == Catalog::kNone ? stride_ - 1 : question.operation;
    const std::size_t bit = question.api * stride_ + operation;
    if (((bits_[bit / 64] >> (bit % 64)) & 1U) != 0) return true;
  }
  return question.api < tries_.size() &&
         tries_[question.api].matches(question.segments, asked_bits(question.method), steps);
}

std::string to_string(const Match& match) {
  std::string text = match.api + ":";
  if (!match.operation.empty()) return text + match.operation;
  for (std::size_t i = 0; i < match.methods.size(); ++i) {
    if (i != 0) text += ',';
    text += match.methods[i];
  }
  return text + " " + match.pattern;
}

}  // namespace sallyport::access
