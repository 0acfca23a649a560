#include "messaging/channels/smpp/pdu.h"

#include <fmt/core.h>

#include <cstring>

namespace sallyport::messaging {
namespace {

constexpr std::uint8_t kInterfaceVersion = 0x34;
constexpr std::uint8_t kUdhi = 0x40;
constexpr std::uint8_t kReceiptMask = 0x3C;
constexpr std::uint8_t kReceipt = 0x04;
constexpr std::size_t kMaxShortMessage = 254;

// Optional parameters (5.3.2).
constexpr std::uint16_t kSarReference = 0x020C;
constexpr std::uint16_t kSarTotal = 0x020E;
constexpr std::uint16_t kSarNumber = 0x020F;
constexpr std::uint16_t kMessagePayload = 0x0424;
constexpr std::uint16_t kMessageState = 0x0427;
constexpr std::uint16_t kReceiptedId = 0x001E;

std::unexpected<Error> broken(std::string_view field, std::string_view rule) {
  return fail(ErrorKind::Invalid, fmt::format("SMPP: {}: {}", field, rule));
}

void append_u32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xFF);
}

std::uint32_t u32_at(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

class BodyWriter {
 public:
  void octet(std::uint8_t value) { out_ += static_cast<char>(value); }
  // A C-Octet String; the first that is too long or holds a NUL is remembered.
  void text(std::string_view name, std::string_view value, std::size_t most) {
    if (fault_.empty() && (value.size() > most || value.find('\0') != std::string_view::npos)) {
      fault_ = fmt::format("at most {} octets, and no NUL", most);
      field_ = name;
    }
    out_ += value;
    out_ += '\0';
  }
  void address(std::string_view name, const SmppAddress& address) {
    octet(address.ton);
    octet(address.npi);
    text(name, address.digits, 20);
  }
  void raw(std::string_view bytes) { out_ += bytes; }
  Result<std::string> take() {
    if (!fault_.empty()) return broken(field_, fault_);
    return std::move(out_);
  }

 private:
  std::string out_;
  std::string field_;
  std::string fault_;
};

// Reads fields in their order; the first fault stays, and everything behind it reads as nothing.
class BodyReader {
 public:
  explicit BodyReader(std::string_view body) : rest_(body) {}

  std::uint8_t octet(std::string_view name) {
    if (rest_.empty()) {
      stop(name, "missing");
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::string text(std::string_view name, std::size_t most) {
    const std::size_t end = rest_.substr(0, most + 1).find('\0');
    if (end == std::string_view::npos) {
      stop(name, rest_.size() > most ? "longer than it may be" : "without its NUL");
      return {};
    }
    std::string value(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return value;
  }
  std::string_view bytes(std::string_view name, std::size_t count) {
    if (count > rest_.size()) {
      stop(name, "longer than its PDU");
      return {};
    }
    const std::string_view value = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return value;
  }
  SmppAddress address(std::string_view name) {
    SmppAddress address;
    address.ton = octet(name);
    address.npi = octet(name);
    address.digits = text(name, 20);
    return address;
  }
  std::uint16_t two_octets(std::string_view name) {
    const auto high = static_cast<unsigned>(octet(name));
    return static_cast<std::uint16_t>(high << 8 | octet(name));
  }
  bool at_end() const { return rest_.empty() || !fault_.empty(); }
  void stop(std::string_view name, std::string_view rule) {
    if (fault_.empty()) {
      field_ = name;
      fault_ = rule;
    }
    rest_ = {};
  }
  Result<void> result() const {
    if (!fault_.empty()) return broken(field_, fault_);
    return {};
  }

 private:
  std::string_view rest_;
  std::string field_;
  std::string fault_;
};

void read_parameter(std::uint16_t tag, std::string_view value, Delivered& delivered) {
  const auto number = [value] { return static_cast<std::uint8_t>(value[0]); };
  switch (tag) {
    case kMessagePayload:
      if (delivered.content.empty()) delivered.content = value;
      break;
    case kReceiptedId: delivered.receipted_id = value.substr(0, value.find('\0')); break;
    case kMessageState:
      if (value.size() == 1) delivered.state = number();
      break;
    case kSarReference:
      if (value.size() == 2) {
        delivered.sar_reference = static_cast<std::uint16_t>(
            static_cast<unsigned char>(value[0]) << 8 | static_cast<unsigned char>(value[1]));
      }
      break;
    case kSarTotal:
      if (value.size() == 1) delivered.sar_total = number();
      break;
    case kSarNumber:
      if (value.size() == 1) delivered.sar_number = number();
      break;
    default: break;  // unknown ones are ignored (3.2.4.1)
  }
}

}  // namespace

std::string encoded(const SmppPdu& pdu) {
  std::string out;
  out.reserve(kSmppHead + pdu.body.size());
  append_u32(out, static_cast<std::uint32_t>(kSmppHead + pdu.body.size()));
  append_u32(out, static_cast<std::uint32_t>(pdu.command));
  append_u32(out, pdu.status);
  append_u32(out, pdu.sequence);
  out += pdu.body;
  return out;
}

Result<std::optional<SmppPdu>> take_pdu(std::string& bytes) {
  if (bytes.size() < 4) return std::nullopt;
  const std::size_t length = u32_at(bytes, 0);
  if (length < kSmppHead || length > kMaxSmppPdu) {
    return broken("command_length", fmt::format("{} is not 16 to {}", length, kMaxSmppPdu));
  }
  if (bytes.size() < length) return std::nullopt;
  SmppPdu pdu{static_cast<SmppCommand>(u32_at(bytes, 4)), u32_at(bytes, 8), u32_at(bytes, 12),
              bytes.substr(kSmppHead, length - kSmppHead)};
  bytes.erase(0, length);
  return pdu;
}

Result<std::string> bind_body(const BindRequest& bind) {
  BodyWriter body;
  body.text("system_id", bind.system_id, 15);
  body.text("password", bind.password, 8);
  body.text("system_type", bind.system_type, 12);
  body.octet(kInterfaceVersion);
  body.octet(0);  // addr_ton, addr_npi, address_range: whatever the SMSC has for us
  body.octet(0);
  body.text("address_range", {}, 40);
  return body.take();
}

Result<std::string> submit_body(const SubmitRequest& submit) {
  if (submit.short_message.size() > kMaxShortMessage) {
    return broken("short_message", fmt::format("at most {} octets", kMaxShortMessage));
  }
  BodyWriter body;
  body.text("service_type", {}, 5);
  body.address("source_addr", submit.source);
  body.address("destination_addr", submit.destination);
  body.octet(submit.has_header ? kUdhi : 0);
  body.octet(0);  // protocol_id
  body.octet(0);  // priority_flag
  body.text("schedule_delivery_time", {}, 16);
  body.text("validity_period", submit.validity, 16);
  body.octet(submit.wants_receipt ? 1 : 0);  // registered_delivery
  body.octet(0);                             // replace_if_present_flag
  body.octet(submit.data_coding);
  body.octet(0);  // sm_default_msg_id
  body.octet(static_cast<std::uint8_t>(submit.short_message.size()));
  body.raw(submit.short_message);
  return body.take();
}

Result<std::string> submit_response_id(std::string_view body) {
  if (body.empty()) return std::string();  // a refusal's body may be left out (4.4.2)
  BodyReader reader(body);
  std::string id = reader.text("message_id", 64);
  if (auto read = reader.result(); !read) return std::unexpected(read.error());
  return id;
}

Result<Delivered> read_deliver(std::string_view body) {
  BodyReader reader(body);
  Delivered delivered;
  reader.text("service_type", 5);
  delivered.source = reader.address("source_addr");
  delivered.destination = reader.address("destination_addr");
  const std::uint8_t esm_class = reader.octet("esm_class");
  delivered.has_header = (esm_class & kUdhi) != 0;
  delivered.is_receipt = (esm_class & kReceiptMask) == kReceipt;
  reader.octet("protocol_id");
  reader.octet("priority_flag");
  reader.text("schedule_delivery_time", 16);
  reader.text("validity_period", 16);
  reader.octet("registered_delivery");
  reader.octet("replace_if_present_flag");
  delivered.data_coding = reader.octet("data_coding");
  reader.octet("sm_default_msg_id");
  const std::size_t length = reader.octet("sm_length");
  delivered.content = reader.bytes("short_message", length);
  while (!reader.at_end()) {
    const std::uint16_t tag = reader.two_octets("optional parameter");
    const std::uint16_t size = reader.two_octets("optional parameter");
    const std::string_view value = reader.bytes("optional parameter", size);
    if (reader.result()) read_parameter(tag, value, delivered);
  }
  if (auto read = reader.result(); !read) return std::unexpected(read.error());
  return delivered;
}

std::string smpp_status_text(std::uint32_t status) {
  switch (status) {
    case kSmppOk: return "accepted";
    case 0x01: return "message length is invalid";
    case 0x02: return "command length is invalid";
    case kSmppInvalidCommand: return "invalid command";
    case 0x04: return "wrong bind state";
    case 0x05: return "already bound";
    case kSmppSystemError: return "system error";
    case 0x0A: return "invalid source address";
    case 0x0B: return "invalid destination address";
    case 0x0D: return "bind failed";
    case 0x0E: return "invalid password";
    case 0x0F: return "invalid system id";
    case kSmppQueueFull: return "message queue full";
    case 0x45: return "submission failed";
    case kSmppThrottled: return "throttled";
    case 0x61: return "invalid scheduled time";
    case 0x62: return "invalid validity period";
    case kSmppTemporary: return "temporary error of the receiver";
    case 0x65: return "permanent error of the receiver";
    case 0x66: return "rejected by the receiver";
    default: return fmt::format("status 0x{:08X}", status);
  }
}

}  // namespace sallyport::messaging
