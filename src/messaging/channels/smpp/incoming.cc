#include "messaging/channels/smpp/incoming.h"

#include "messaging/address.h"
#include "messaging/channels/smpp/gsm.h"
#include "messaging/channels/smpp/segments.h"
#include "messaging/text.h"

namespace sallyport::messaging {
namespace {

std::string text_of(const Delivered& delivered, std::string_view content) {
  switch (delivered.data_coding) {
    case 1: return valid_utf8(content);  // ASCII
    case 3: {                            // ISO 8859-1
      std::string text;
      for (const char c : content) append_utf8(text, static_cast<unsigned char>(c));
      return text;
    }
    case 8:
    case 0x18: return from_ucs2(content);
    default: return from_gsm(content);
  }
}

std::string number_of(const SmppAddress& address) {
  const bool international = address.ton == 1 && !address.digits.starts_with('+');
  const std::string written = (international ? "+" : "") + address.digits;
  return normalize_phone(written, "").value_or(printable(written, 21));
}

}  // namespace

PartReport report_of(const std::string& smsc, const Delivered& delivered, const Receipt& receipt,
                     std::int64_t now_us) {
  PartReport report{.smsc = smsc,
                    .id = receipt_key(receipt.id),
                    .keys = receipt_keys(receipt.id),
                    .delivered = receipt.state == ReceiptState::Delivered,
                    .word = receipt.word,
                    .error = receipt.error,
                    .time_us = now_us};
  for (const SmppAddress* one : {&delivered.source, &delivered.destination}) {
    if (!one->digits.empty()) report.numbers.push_back(number_of(*one));
  }
  return report;
}

std::optional<IncomingSms> incoming_of(const std::string& smsc, const Delivered& delivered,
                                       std::int64_t now_us) {
  const auto part = read_part(delivered.content, delivered.has_header);
  if (!part) return std::nullopt;
  IncomingSms sms{.smsc = smsc,
                  .source = number_of(delivered.source),
                  .destination = number_of(delivered.destination),
                  .text = text_of(delivered, part->content),
                  .time_us = now_us};
  if (part->concatenation) {
    sms.reference = part->concatenation->reference;
    sms.total = part->concatenation->total;
    sms.number = part->concatenation->number;
  } else if (delivered.sar_reference && delivered.sar_number > 0 &&
             delivered.sar_number <= delivered.sar_total) {
    sms.reference = *delivered.sar_reference;
    sms.total = delivered.sar_total;
    sms.number = delivered.sar_number;
  }
  return sms;
}

}  // namespace sallyport::messaging
