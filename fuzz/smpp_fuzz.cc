// SMPP bytes of an SMSC: framing, deliver_sm, receipts, concatenation headers. What is taken apart
// must be whole, and what we write must be read back as one PDU.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "messaging/channels/smpp/gsm.h"
#include "messaging/channels/smpp/pdu.h"
#include "messaging/channels/smpp/receipt.h"
#include "messaging/channels/smpp/segments.h"
#include "messaging/text.h"

namespace messaging = sallyport::messaging;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  std::string stream(input);
  for (;;) {
    auto pdu = messaging::take_pdu(stream);
    if (!pdu || !*pdu) break;
    std::string again = messaging::encoded(**pdu);
    const auto read = messaging::take_pdu(again);
    if (!read || !*read || !again.empty() || (*read)->body != (*pdu)->body) std::abort();
  }
  if (const auto delivered = messaging::read_deliver(input)) {
    if (const auto receipt = messaging::read_receipt(*delivered)) {
      if (messaging::receipt_keys(receipt->id).empty()) std::abort();
    }
    const auto part = messaging::read_part(delivered->content, delivered->has_header);
    const std::string_view content = part ? part->content : std::string_view();
    const std::string text =
        delivered->data_coding == 8 ? messaging::from_ucs2(content) : messaging::from_gsm(content);
    if (messaging::valid_utf8(text) != text) std::abort();
  }
  if (const auto segments = messaging::segments_of(input, 1)) {
    std::string text;
    for (const std::string& one : segments->parts) {
      const auto part = messaging::read_part(one, segments->has_header());
      if (!part) std::abort();
      text +=
          segments->ucs2 ? messaging::from_ucs2(part->content) : messaging::from_gsm(part->content);
    }
    if (text != input) std::abort();
  }
  return 0;
}
