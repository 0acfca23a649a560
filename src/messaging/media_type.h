// Which representation a client gets, and which one it sent: Accept with q-values (RFC 9110 12.5.1)
// over the vendor types of a resource and the plain ones, and Content-Type. Pure functions, any
// thread; nullopt is "406" or "415".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/request.h"

namespace sallyport::messaging {

enum class Format : std::uint8_t { Json, Xml };

struct MediaType {
  Format format = Format::Xml;
  std::string text;  // for Content-Type, without parameters
};

// What a resource can be: "application/vnd.<vendor>.<name>-v1+json|+xml" for each of the names (the
// first is its own), and application/json, application/xml, text/xml.
struct MediaRules {
  std::string_view vendor;
  std::vector<std::string_view> names;
};

// What a request says about media types, joined over repeated fields.
struct MediaFields {
  std::string accept;  // empty = none
  std::string content_type;
  bool content_type_repeated = false;
};
MediaFields media_fields(const http::Request& request);

// No Accept, or one that leaves the choice to us: the format of the request's own body when that
// type is known, else XML.
std::optional<MediaType> negotiate(const MediaFields& fields, const MediaRules& rules);

// For an error's body there is always an answer: any vendor type of this vendor is echoed.
MediaType negotiate_error(const MediaFields& fields, const MediaRules& rules);

struct BodyType {
  Format format = Format::Json;
  std::string name;  // the vendor's resource name, empty when plain
};
// The type of a request's body; nullopt when it is none of ours or says another charset than UTF-8.
std::optional<BodyType> body_type(const MediaFields& fields, std::string_view vendor);

// "application/vnd.<vendor>.<name>-v1+json"
std::string vendor_type(std::string_view vendor, std::string_view name, Format format);
// What links that are written to carry: both formats, XML first.
std::string vendor_types(std::string_view vendor, std::string_view name);

}  // namespace sallyport::messaging
