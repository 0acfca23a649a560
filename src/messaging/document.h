// An answer's content as one ordered tree, written as JSON or as XML. What differs between the two
// (how a list is wrapped, how a time reads, what only one of them shows) is said in the tree, so
// that a resource is described once. Values, one thread; rendering cannot fail: bytes that are not
// UTF-8 or that XML 1.0 cannot carry become U+FFFD.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "messaging/media_type.h"

namespace sallyport::messaging {

struct Link {
  std::string uri;
  std::string_view rel;  // one of our own words
  std::string_view method = "GET";
  std::string type = {};       // of links that are written to
  std::string_view host = {};  // newer clients; JSON then also has "port":-1; lives in the Call
};

struct Member;
struct Node;

struct Time {
  std::int64_t unix_us = 0;  // JSON: a number of milliseconds
  std::string zone = "UTC";  // XML: ISO 8601 with this zone's offset
};

struct Object {
  std::vector<Member> members;
  // The order in XML where it is another one: names; members that are not named do not appear.
  std::vector<std::string_view> xml_order = {};
};

// JSON: an array. XML: <wrapper><item>..</item>..</wrapper>.
struct List {
  std::vector<Node> items;
  std::string_view xml_item;            // element of each item
  bool xml_wrapped = true;              // false: without an element around them
  bool xml_qualified = false;           // wrapper and items are in the DAP namespace
  std::string_view xml_attribute = {};  // this member of each item becomes an attribute of it
};

struct Node {
  std::variant<std::string, std::int64_t, bool, Time, Object, List, std::vector<Link>> value;
};

enum class Shown : std::uint8_t { Both, JsonOnly, XmlOnly };

struct Member {
  std::string_view name;
  Node node;
  Shown shown = Shown::Both;
};

// Prefixes as clients' samples have them; no client should look at them.
enum class Prefixes : std::uint8_t {
  ApiFirst,  // ns2 = API, ns3 = DAP
  DapFirst,  // ns2 = DAP, ns3 = API
};

struct Document {
  Object root = {};
  std::string_view xml_root;  // local name
  bool xml_root_in_dap = false;
  Prefixes prefixes = Prefixes::DapFirst;
};

std::string render(const Document& document, Format format);

inline Member text(std::string_view name, std::string value, Shown shown = Shown::Both) {
  return {name, Node{std::move(value)}, shown};
}
inline Member number(std::string_view name, std::int64_t value, Shown shown = Shown::Both) {
  return {name, Node{value}, shown};
}
inline Member flag(std::string_view name, bool value, Shown shown = Shown::Both) {
  return {name, Node{value}, shown};
}
inline Member object(std::string_view name, Object value, Shown shown = Shown::Both) {
  return {name, Node{std::move(value)}, shown};
}
inline Member list(std::string_view name, List value, Shown shown = Shown::Both) {
  return {name, Node{std::move(value)}, shown};
}
inline Member links(std::vector<Link> value) { return {"link", Node{std::move(value)}}; }

}  // namespace sallyport::messaging
