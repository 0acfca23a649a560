#include "messaging/xml_reader.h"

#include <exception>
#include <optional>
#include <string>

#include <pugixml.hpp>

#include "messaging/text.h"
#include "messaging/xml_scan.h"

namespace sallyport::messaging {
namespace {

using Kind = InputValue::Kind;

constexpr std::size_t kShownName = 40;

struct Name {
  std::string_view prefix;
  std::string_view local;
};

Name name_of(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  if (colon == std::string_view::npos) return {{}, name};
  return {name.substr(0, colon), name.substr(colon + 1)};
}

// The namespace of an element: "" for none, nullopt when its prefix is not declared.
std::optional<std::string_view> namespace_of(const pugi::xml_node& node, std::string_view prefix) {
  const std::string wanted = prefix.empty() ? "xmlns" : "xmlns:" + std::string(prefix);
  for (pugi::xml_node at = node; at; at = at.parent()) {
    if (const auto found = at.attribute(wanted.c_str())) return found.value();
  }
  if (prefix.empty()) return "";
  return std::nullopt;
}

class Reader {
 public:
  // The scan has bounded the depth.
  InputValue read(const pugi::xml_node& element) {
    InputValue value = InputValue::of(Kind::Text);
    for (const pugi::xml_node child : element.children()) {
      if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
        value.text += child.value();
      } else if (child.type() == pugi::node_element) {
        value.kind = Kind::Object;
        add(value, child);
      }
    }
    if (value.kind == Kind::Object) {
      if (value.text.find_first_not_of(" \t\r\n") != std::string::npos) {
        fail("text beside elements in", name_of(element).local);
      }
      value.text.clear();
    }
    return value;
  }

  const std::optional<ReadError>& error() const { return error_; }

 private:
  void add(InputValue& object, const pugi::xml_node& child) {
    const Name name = name_of(child);
    const auto space = namespace_of(child, name.prefix);
    if (!space) return fail("no namespace is declared for the prefix of", name.local);
    if (!space->empty() && *space != kApiNamespace) return;
    InputValue value = read(child);
    for (InputMember& member : object.members) {
      if (member.name != name.local) continue;
      // A repeated element is a list. read() makes no arrays: what is one was made here.
      if (member.value.kind != Kind::Array) {
        InputValue first = std::move(member.value);
        member.value = InputValue::of(Kind::Array);
        member.value.items.push_back(std::move(first));
      }
      member.value.items.push_back(std::move(value));
      return;
    }
    object.members.push_back({std::string(name.local), std::move(value)});
  }

  void fail(std::string_view rule, std::string_view name) {
    if (error_) return;
    error_ = ReadError{"XML: " + std::string(rule) + " <" + printable(name, kShownName) + ">"};
  }

  std::optional<ReadError> error_;
};

std::expected<InputValue, ReadError> parse(std::string_view body, std::string_view root) {
  pugi::xml_document document;
  const auto result =
      document.load_buffer(body.data(), body.size(),
                           pugi::parse_full | pugi::parse_ws_pcdata_single, pugi::encoding_utf8);
  if (!result) return std::unexpected(ReadError{std::string("XML: ") + result.description()});
  const pugi::xml_node element = document.document_element();
  const Name name = name_of(element);
  const auto space = namespace_of(element, name.prefix);
  if (name.local != root || !space || (!space->empty() && *space != kApiNamespace)) {
    return std::unexpected(ReadError{"XML: the root element must be <" + std::string(root) +
                                     "> in the namespace " + std::string(kApiNamespace)});
  }
  Reader reader;
  InputValue value = reader.read(element);
  if (const auto& error = reader.error()) return std::unexpected(*error);
  if (value.kind == Kind::Text) {
    if (value.text.find_first_not_of(" \t\r\n") != std::string::npos) {
      return std::unexpected(ReadError{"XML: the root element has no elements"});
    }
    value = InputValue::of(Kind::Object);
  }
  return value;
}

}  // namespace

std::expected<InputValue, ReadError> read_xml(std::string_view body, std::string_view root) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return std::unexpected(ReadError{"XML: the body is empty"});
  }
  if (auto scanned = scan_xml(body); !scanned) return std::unexpected(scanned.error());
  try {
    return parse(body, root);
  } catch (const std::exception& error) {  // the library's way to say "out of memory"
    return std::unexpected(ReadError{std::string("XML: ") + error.what()});
  }
}

}  // namespace sallyport::messaging
