// One text as the short messages that carry it: GSM septets where they suffice, else UCS-2; one
// part, or several with a concatenation header (3GPP TS 23.040, 9.2.3.24.1) that the handset joins.
// Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::messaging {

inline constexpr std::size_t kMaxSegments = 255;  // the header counts in one octet

struct Segments {
  bool ucs2 = false;               // data_coding 8 instead of 0
  std::vector<std::string> parts;  // each a short_message: with its header when there are several
  bool has_header() const { return parts.size() > 1; }
};

// `reference` tells the parts of one message from those of another to the same number. nullopt when
// the text is not UTF-8 or needs more than kMaxSegments. An escape and the septet behind it, and
// the two halves of a surrogate pair, stay in one part.
std::optional<Segments> segments_of(std::string_view utf8, std::uint8_t reference);

// What a received part says of itself; nullopt when it has no concatenation header.
struct Concatenation {
  std::uint16_t reference = 0;
  std::uint8_t total = 0;
  std::uint8_t number = 0;  // from 1
};
struct ReceivedPart {
  std::optional<Concatenation> concatenation;
  std::string_view content;  // behind the header
};
// `has_header`: the UDHI bit of esm_class. nullopt when the header is longer than the message.
std::optional<ReceivedPart> read_part(std::string_view short_message, bool has_header);

}  // namespace sallyport::messaging
