#include "access/pattern_trie.h"

#include <bit>
#include <utility>

namespace sallyport::access {
namespace {

std::uint64_t hash_of(std::uint32_t parent, std::string_view segment) {
  std::uint64_t value = (parent + 1) * 0x9E3779B97F4A7C15ULL;  // FNV-1a, then mixed
  for (const char c : segment) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  value = (value ^ (value >> 31)) * 0xBF58476D1CE4E5B9ULL;
  return value ^ (value >> 29);
}

}  // namespace

std::uint32_t PatternTrie::new_node() {
  nodes_.emplace_back();
  names_.emplace_back();
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

std::uint32_t PatternTrie::child(std::uint32_t parent, const std::string& segment) {
  const auto found = names_[parent].find(segment);
  if (found != names_[parent].end()) return found->second;
  const std::uint32_t made = new_node();
  names_[parent].emplace(segment, made);
  return made;
}

std::uint32_t PatternTrie::any_child(std::uint32_t parent) {
  if (nodes_[parent].any == kNone) {
    const std::uint32_t made = new_node();
    nodes_[parent].any = made;
  }
  return nodes_[parent].any;
}

void PatternTrie::add(const Pattern& pattern, std::uint32_t methods) {
  if (nodes_.empty()) new_node();
  std::uint32_t node = 0;
  for (const Pattern::Segment& segment : pattern.segments()) {
    node = segment.kind == Pattern::Kind::Any ? any_child(node) : child(node, segment.text);
  }
  (pattern.has_rest() ? nodes_[node].rest : nodes_[node].exact) |= methods;
}

// What lies below `from` comes to lie below `into` as well. False: there is no room for it.
bool PatternTrie::merge(std::uint32_t from, std::uint32_t into) {
  nodes_[into].exact |= nodes_[from].exact;
  nodes_[into].rest |= nodes_[from].rest;
  if (nodes_.size() > kMaxNodes) return false;
  if (const std::uint32_t any = nodes_[from].any; any != kNone) {
    if (!merge(any, any_child(into))) return false;
  }
  const std::vector<std::pair<std::string, std::uint32_t>> below(names_[from].begin(),
                                                                 names_[from].end());
  for (const auto& [segment, node] : below) {
    if (!merge(node, child(into, segment))) return false;
  }
  return true;
}

// From the root down: what is copied below a literal is itself spread when its turn comes.
bool PatternTrie::spread(std::uint32_t node) {
  const std::vector<std::pair<std::string, std::uint32_t>> below(names_[node].begin(),
                                                                 names_[node].end());
  const std::uint32_t any = nodes_[node].any;
  for (const auto& [segment, literal] : below) {
    if (any != kNone && !merge(any, literal)) return false;
    if (!spread(literal)) return false;
  }
  return any == kNone || spread(any);
}

void PatternTrie::finish() {
  if (nodes_.empty()) return;
  one_way_ = spread(0);
  std::size_t count = 0;
  for (const Names& names : names_) count += names.size();
  children_.resize(std::bit_ceil(count * 2 + 1));
  const std::uint64_t mask = children_.size() - 1;
  for (std::uint32_t parent = 0; parent < names_.size(); ++parent) {
    for (auto& [segment, node] : names_[parent]) {
      std::uint64_t at = hash_of(parent, segment) & mask;
      while (children_[at].node != kNone) at = (at + 1) & mask;
      children_[at] = {parent, node, segment};
    }
  }
  names_ = {};
}

std::uint32_t PatternTrie::find(std::uint32_t parent, std::string_view segment) const {
  const std::uint64_t mask = children_.size() - 1;
  for (std::uint64_t at = hash_of(parent, segment) & mask;; at = (at + 1) & mask) {
    const Child& child = children_[at];
    if (child.node == kNone) return kNone;
    if (child.parent == parent && child.segment == segment) return child.node;
  }
}

bool PatternTrie::walk(std::uint32_t node, std::span<const std::string_view> segments,
                       std::uint32_t asked, std::size_t* steps) const {
  for (;;) {
    if (steps != nullptr) ++*steps;
    const Node& here = nodes_[node];
    if ((here.rest & asked) != 0) return true;
    if (segments.empty()) return (here.exact & asked) != 0;
    const std::string_view segment = segments.front();
    if (segment.empty()) return false;  // neither a literal nor what `{x}` stands for
    segments = segments.subspan(1);
    const std::uint32_t literal = find(node, segment);
    if (literal != kNone && here.any != kNone && !one_way_ &&
        walk(literal, segments, asked, steps)) {
      return true;
    }
    node = literal != kNone && (one_way_ || here.any == kNone) ? literal : here.any;
    if (node == kNone) return false;
  }
}

bool PatternTrie::matches(std::span<const std::string_view> segments, std::uint32_t asked,
                          std::size_t* steps) const {
  return !nodes_.empty() && walk(0, segments, asked, steps);
}

}  // namespace sallyport::access
