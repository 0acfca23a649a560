#include "messaging/document.h"

#include "base/encoding.h"
#include "base/time_text.h"
#include "messaging/text.h"

namespace sallyport::messaging {
namespace {

constexpr std::string_view kApi = "http://schemas.api.whispir.com";
constexpr std::string_view kDap = "http://schemas.api.whispir.com/dap";

constexpr std::size_t kUsualBytes = 4096;  // an answer is seldom longer

class JsonWriter {
 public:
  JsonWriter() { out_.reserve(kUsualBytes); }
  std::string take() { return std::move(out_); }

  void write(const Object& object) {
    out_ += '{';
    bool first = true;
    for (const Member& member : object.members) {
      if (member.shown == Shown::XmlOnly) continue;
      if (!std::exchange(first, false)) out_ += ',';
      write_name(member.name);
      write(member.node);
    }
    out_ += '}';
  }

 private:
  void write(const Node& node) {
    std::visit([this](const auto& value) { write_value(value); }, node.value);
  }
  void write_value(const std::string& value) {
    if (is_utf8(value)) return write_text(value);  // nearly always
    write_text(valid_utf8(value));
  }
  void write_value(std::int64_t value) { out_ += std::to_string(value); }
  void write_value(bool value) { out_ += value ? "true" : "false"; }
  void write_value(const Time& value) { out_ += std::to_string(value.unix_us / 1000); }
  void write_value(const Object& value) { write(value); }
  void write_value(const List& value) {
    out_ += '[';
    bool first = true;
    for (const Node& item : value.items) {
      if (!std::exchange(first, false)) out_ += ',';
      write(item);
    }
    out_ += ']';
  }
  void write_value(const std::vector<Link>& value) {
    out_ += '[';
    bool first = true;
    for (const Link& link : value) {
      if (!std::exchange(first, false)) out_ += ',';
      out_ += R"({"uri":)";
      write_text(link.uri);
      out_ += R"(,"rel":)";
      write_text(link.rel);
      out_ += R"(,"method":)";
      write_text(link.method);
      if (!link.host.empty()) {
        out_ += R"(,"host":)";
        write_text(link.host);
        out_ += R"(,"port":-1)";
      }
      if (!link.type.empty()) {
        out_ += R"(,"type":)";
        write_text(link.type);
      }
      out_ += '}';
    }
    out_ += ']';
  }

  // One of our own words: nothing in it needs escaping.
  void write_name(std::string_view name) { out_.append("\"").append(name).append("\":"); }
  void write_text(std::string_view value) {
    out_ += '"';
    append_json_escaped(out_, value);
    out_ += '"';
  }

  std::string out_;
};

class XmlWriter {
 public:
  explicit XmlWriter(Prefixes prefixes)
      : api_(prefixes == Prefixes::ApiFirst ? "ns2:" : "ns3:"),
        dap_(prefixes == Prefixes::ApiFirst ? "ns3:" : "ns2:") {}

  std::string write(const Document& document) {
    const std::string root =
        std::string(document.xml_root_in_dap ? dap_ : api_).append(document.xml_root);
    out_ = R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)";
    out_ += '<' + root + " xmlns:ns2=\"";
    out_ += api_ == "ns2:" ? kApi : kDap;
    out_ += "\" xmlns:ns3=\"";
    out_ += api_ == "ns2:" ? kDap : kApi;
    out_ += "\">";
    write_members(document.root, {});
    out_ += "</" + root + '>';
    return std::move(out_);
  }

 private:
  void write_members(const Object& object, std::string_view without) {
    if (object.xml_order.empty()) {
      for (const Member& member : object.members) {
        if (member.shown != Shown::JsonOnly && member.name != without) write_member(member);
      }
      return;
    }
    for (const std::string_view name : object.xml_order) {
      for (const Member& member : object.members) {
        if (member.name == name && member.shown != Shown::JsonOnly && name != without) {
          write_member(member);
        }
      }
    }
  }

  void write_member(const Member& member) {
    if (const auto* many = std::get_if<List>(&member.node.value)) {
      write_list(member.name, *many);
    } else if (const auto* all = std::get_if<std::vector<Link>>(&member.node.value)) {
      for (const Link& link : *all) write_link(link);
    } else {
      write_element(member.name, {}, member.node);
    }
  }

  void write_list(std::string_view name, const List& many) {
    const std::string_view prefix = many.xml_qualified ? dap_ : std::string_view();
    if (many.xml_wrapped) open(prefix, name);
    for (const Node& item : many.items) {
      const auto* object = std::get_if<Object>(&item.value);
      if (many.xml_attribute.empty() || object == nullptr) {
        write_element(many.xml_item, prefix, item);
        continue;
      }
      out_.append("<").append(prefix).append(many.xml_item).append(" ");
      out_.append(many.xml_attribute).append("=\"");
      for (const Member& member : object->members) {
        const auto* value = std::get_if<std::string>(&member.node.value);
        if (member.name == many.xml_attribute && value != nullptr) append_attribute(*value);
      }
      out_ += "\">";
      write_members(*object, many.xml_attribute);
      close(prefix, many.xml_item);
    }
    if (many.xml_wrapped) close(prefix, name);
  }

  void write_element(std::string_view name, std::string_view prefix, const Node& node) {
    const auto* object = std::get_if<Object>(&node.value);
    if (object != nullptr && object->members.empty()) {
      out_.append("<").append(prefix).append(name).append("/>");
      return;
    }
    open(prefix, name);
    if (object != nullptr) {
      write_members(*object, {});
    } else if (const auto* value = std::get_if<std::string>(&node.value)) {
      append_text(*value);
    } else if (const auto* integer = std::get_if<std::int64_t>(&node.value)) {
      out_ += std::to_string(*integer);
    } else if (const auto* boolean = std::get_if<bool>(&node.value)) {
      out_ += *boolean ? "true" : "false";
    } else if (const auto* time = std::get_if<Time>(&node.value)) {
      out_ += iso8601_in_zone(time->unix_us, time->zone);
    }
    close(prefix, name);
  }

  void write_link(const Link& link) {
    out_.append("<").append(dap_).append("link uri=\"");
    append_attribute(link.uri);
    out_ += "\" rel=\"";
    append_attribute(link.rel);
    out_ += "\" method=\"";
    append_attribute(link.method);
    if (!link.type.empty()) {
      out_ += "\" type=\"";
      append_attribute(link.type);
    }
    out_ += "\"/>";
  }

  void open(std::string_view prefix, std::string_view name) {
    out_.append("<").append(prefix).append(name).append(">");
  }
  void close(std::string_view prefix, std::string_view name) {
    out_.append("</").append(prefix).append(name).append(">");
  }

  // A CR that is not written as a reference would be read back as LF (XML 1.0, 2.11).
  void append_text(std::string_view value) {
    for (const char c : valid_xml_text(value)) {
      switch (c) {
        case '&': out_ += "&amp;"; break;
        case '<': out_ += "&lt;"; break;
        case '>': out_ += "&gt;"; break;
        case '\r': out_ += "&#13;"; break;
        default: out_ += c;
      }
    }
  }
  void append_attribute(std::string_view value) {
    for (const char c : valid_xml_text(value)) {
      switch (c) {
        case '&': out_ += "&amp;"; break;
        case '<': out_ += "&lt;"; break;
        case '"': out_ += "&quot;"; break;
        case '\t': out_ += "&#9;"; break;
        case '\n': out_ += "&#10;"; break;
        case '\r': out_ += "&#13;"; break;
        default: out_ += c;
      }
    }
  }

  std::string_view api_;
  std::string_view dap_;
  std::string out_;
};

}  // namespace

std::string render(const Document& document, Format format) {
  if (format == Format::Xml) return XmlWriter(document.prefixes).write(document);
  JsonWriter writer;
  writer.write(document.root);
  return writer.take();
}

}  // namespace sallyport::messaging
