// Reads an XML body into the same model as JSON: the root's child elements are the members; an
// element with children is an object, one that is repeated an array, any other one text. Elements
// of the API's namespace or of none count, others and all attributes are passed over. Pure, any
// thread.
#pragma once

#include <expected>
#include <string_view>

#include "messaging/input_value.h"

namespace sallyport::messaging {

inline constexpr std::string_view kApiNamespace = "http://schemas.api.whispir.com";
inline constexpr std::string_view kDapNamespace = "http://schemas.api.whispir.com/dap";

// `root`: the local name that the root element must have ("message").
std::expected<InputValue, ReadError> read_xml(std::string_view body, std::string_view root);

}  // namespace sallyport::messaging
