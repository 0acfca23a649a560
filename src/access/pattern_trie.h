// Many (methods, pattern) rules as one walk: a node per segment, literals found by hash, so that a
// question costs one look-up per segment of its path however many rules there are. Where a literal
// and a `{x}` stand side by side, what the `{x}` leads to is copied below the literal too, so that
// the walk never tries twice; past kMaxNodes that copying ends and the walk tries both, which is
// slower and answers the same. A value, filled before it is shared; matching is pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access/pattern.h"

namespace sallyport::access {

class PatternTrie {
 public:
  static constexpr std::size_t kMaxNodes = 50'000;

  void add(const Pattern& pattern, std::uint32_t methods);
  bool empty() const { return nodes_.empty(); }
  // Call after the last add() and before the first question.
  void finish();

  // Whether a rule takes one of the methods that are asked for, on this path. `steps`, if given, is
  // raised by the number of nodes that were looked at.
  bool matches(std::span<const std::string_view> segments, std::uint32_t asked,
               std::size_t* steps = nullptr) const;

 private:
  static constexpr std::uint32_t kNone = 0;  // the root is nobody's child
  struct Node {
    std::uint32_t exact = 0;    // methods of the patterns that end here
    std::uint32_t rest = 0;     // of those that end here in "/**"
    std::uint32_t any = kNone;  // below `{x}`
  };
  struct Child {  // of `parent`, by the segment; a cell of the hash table
    std::uint32_t parent = 0;
    std::uint32_t node = kNone;
    std::string segment;
  };
  // While it is filled: the children by name, per node.
  using Names = std::unordered_map<std::string, std::uint32_t>;

  std::uint32_t new_node();
  std::uint32_t child(std::uint32_t parent, const std::string& segment);
  std::uint32_t any_child(std::uint32_t parent);
  bool merge(std::uint32_t from, std::uint32_t into);
  bool spread(std::uint32_t node);
  std::uint32_t find(std::uint32_t parent, std::string_view segment) const;
  bool walk(std::uint32_t node, std::span<const std::string_view> segments, std::uint32_t asked,
            std::size_t* steps) const;

  std::vector<Node> nodes_;
  std::vector<Names> names_;     // emptied by finish()
  std::vector<Child> children_;  // open addressing, at most half full
  bool one_way_ = false;         // a literal's child holds all that `{x}`'s holds
};

}  // namespace sallyport::access
