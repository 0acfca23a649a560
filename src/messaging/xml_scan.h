// Looks through an XML body before a parser does, because the parser is lenient: UTF-8 only,
// XML 1.0 characters only, no DOCTYPE, no processing instruction, bounded depth and number of
// elements, one root without text around it, matching tags, no attribute twice, only the five named
// entities and references to valid characters. Pure, any thread.
#pragma once

#include <expected>
#include <string_view>

#include "messaging/input_value.h"

namespace sallyport::messaging {

inline constexpr std::size_t kMaxXmlDepth = 64;
inline constexpr std::size_t kMaxXmlElements = 5'000;
inline constexpr std::size_t kMaxXmlAttributes = 64;  // of one element

std::expected<void, ReadError> scan_xml(std::string_view body);

}  // namespace sallyport::messaging
