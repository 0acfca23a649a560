#include "messaging/channels/smpp/segments.h"

#include <algorithm>

#include "messaging/channels/smpp/gsm.h"

namespace sallyport::messaging {
namespace {

// 140 octets of user data, less six of header: 160 and 153 septets, 70 and 67 units of two octets.
constexpr std::size_t kSeptetsAlone = 160;
constexpr std::size_t kSeptetsInPart = 153;
constexpr std::size_t kOctetsAlone = 140;
constexpr std::size_t kOctetsInPart = 134;

constexpr std::string_view kConcatenation("\x05\x00\x03", 3);  // length, identifier, its length
constexpr unsigned char kConcatenation8 = 0x00;
constexpr unsigned char kConcatenation16 = 0x08;

// Where a part that begins at `begin` and may have `most` octets ends.
std::size_t end_of_part(std::string_view text, std::size_t begin, std::size_t most, bool ucs2) {
  const std::size_t end = begin + most;
  if (end >= text.size()) return text.size();
  if (!ucs2) {
    // An escape's septet would be read as another character by itself. An escape never follows one.
    return text[end - 1] == kGsmEscape ? end - 1 : end;
  }
  const auto first = static_cast<unsigned char>(text[end - 2]);
  return first >= 0xD8 && first <= 0xDB ? end - 2 : end;
}

}  // namespace

std::optional<Segments> segments_of(std::string_view utf8, std::uint8_t reference) {
  Segments segments;
  auto content = to_gsm(utf8);
  if (!content) {
    segments.ucs2 = true;
    content = to_ucs2(utf8);
  }
  if (!content) return std::nullopt;
  if (content->size() <= (segments.ucs2 ? kOctetsAlone : kSeptetsAlone)) {
    segments.parts.push_back(std::move(*content));
    return segments;
  }
  const std::size_t most = segments.ucs2 ? kOctetsInPart : kSeptetsInPart;
  for (std::size_t begin = 0; begin < content->size();) {
    if (segments.parts.size() == kMaxSegments) return std::nullopt;
    const std::size_t end = end_of_part(*content, begin, most, segments.ucs2);
    std::string part(kConcatenation);
    part += static_cast<char>(reference);
    part += '\0';  // the total, once it is known
    part += static_cast<char>(segments.parts.size() + 1);
    part.append(*content, begin, end - begin);
    segments.parts.push_back(std::move(part));
    begin = end;
  }
  for (std::string& part : segments.parts) part[4] = static_cast<char>(segments.parts.size());
  return segments;
}

std::optional<ReceivedPart> read_part(std::string_view short_message, bool has_header) {
  if (!has_header) return ReceivedPart{{}, short_message};
  if (short_message.empty()) return std::nullopt;
  const auto octet = [](char c) { return static_cast<unsigned char>(c); };
  const std::size_t length = octet(short_message[0]);
  if (length + 1 > short_message.size()) return std::nullopt;
  ReceivedPart part{{}, short_message.substr(length + 1)};
  std::string_view header = short_message.substr(1, length);
  while (header.size() >= 2) {
    const unsigned char identifier = octet(header[0]);
    const std::size_t size = octet(header[1]);
    if (size + 2 > header.size()) break;
    const std::string_view value = header.substr(2, size);
    if (identifier == kConcatenation8 && size == 3) {
      part.concatenation = Concatenation{octet(value[0]), octet(value[1]), octet(value[2])};
    } else if (identifier == kConcatenation16 && size == 4) {
      part.concatenation =
          Concatenation{static_cast<std::uint16_t>(octet(value[0]) << 8 | octet(value[1])),
                        octet(value[2]), octet(value[3])};
    }
    header.remove_prefix(size + 2);
  }
  // A number that cannot be is no concatenation: the part stands for itself.
  if (part.concatenation &&
      (part.concatenation->number == 0 || part.concatenation->number > part.concatenation->total)) {
    part.concatenation.reset();
  }
  return part;
}

}  // namespace sallyport::messaging
