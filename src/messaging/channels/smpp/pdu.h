// The PDUs of SMPP 3.4 that a transceiver's client needs: framing with a bound that holds before
// anything is allocated, and the bodies. Pure, one thread per reader. Whatever breaks a rule of the
// specification's section 4 is an Error that says which field.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sallyport::messaging {

// Command identifiers (5.1.2.1); a response has the highest bit set.
enum class SmppCommand : std::uint32_t {
  GenericNack = 0x80000000,
  SubmitSm = 0x00000004,
  SubmitSmResp = 0x80000004,
  DeliverSm = 0x00000005,
  DeliverSmResp = 0x80000005,
  Unbind = 0x00000006,
  UnbindResp = 0x80000006,
  BindTransceiver = 0x00000009,
  BindTransceiverResp = 0x80000009,
  EnquireLink = 0x00000015,
  EnquireLinkResp = 0x80000015,
};

// Of command_status (5.1.3), those that we act on or send.
inline constexpr std::uint32_t kSmppOk = 0x00000000;
inline constexpr std::uint32_t kSmppInvalidCommand = 0x00000003;
inline constexpr std::uint32_t kSmppSystemError = 0x00000008;
inline constexpr std::uint32_t kSmppQueueFull = 0x00000014;
inline constexpr std::uint32_t kSmppThrottled = 0x00000058;
inline constexpr std::uint32_t kSmppTemporary = 0x00000064;  // of deliver_sm_resp: send it again

inline constexpr std::size_t kSmppHead = 16;
inline constexpr std::size_t kMaxSmppPdu = 70'000;  // a message_payload of 64 KiB and its PDU

struct SmppPdu {
  SmppCommand command = SmppCommand::GenericNack;
  std::uint32_t status = kSmppOk;
  std::uint32_t sequence = 0;
  std::string body;
};

// With its head.
std::string encoded(const SmppPdu& pdu);

// Takes whole PDUs from the front of `bytes`. A length below 16 or above kMaxSmppPdu is an Error:
// nobody can tell where the next one begins.
Result<std::optional<SmppPdu>> take_pdu(std::string& bytes);

struct SmppAddress {
  std::uint8_t ton = 0;  // type of number: 1 international, 5 alphanumeric
  std::uint8_t npi = 0;  // numbering plan: 1 E.164
  std::string digits;    // at most 20 octets
};

struct BindRequest {
  std::string system_id;    // at most 15 octets
  std::string password;     // at most 8
  std::string system_type;  // at most 12
};
Result<std::string> bind_body(const BindRequest& bind);

struct SubmitRequest {
  SmppAddress source;
  SmppAddress destination;
  bool has_header = false;  // esm_class UDHI
  bool wants_receipt = true;
  std::uint8_t data_coding = 0;
  std::string validity;       // relative or absolute, 16 octets, or empty
  std::string short_message;  // at most 254 octets
};
Result<std::string> submit_body(const SubmitRequest& submit);

// The message_id of submit_sm_resp, at most 64 octets. Empty in a refusal.
Result<std::string> submit_response_id(std::string_view body);

// An incoming message, or a receipt for one of ours.
struct Delivered {
  SmppAddress source;
  SmppAddress destination;
  bool has_header = false;
  bool is_receipt = false;  // esm_class: SMSC delivery receipt
  std::uint8_t data_coding = 0;
  std::string content;                              // short_message or message_payload
  std::string receipted_id;                         // receipted_message_id, or empty
  std::optional<std::uint8_t> state;                // message_state
  std::optional<std::uint16_t> sar_reference = {};  // concatenation by parameters
  std::uint8_t sar_total = 0;
  std::uint8_t sar_number = 0;
};
Result<Delivered> read_deliver(std::string_view body);

// "throttled" and so on, for logs and statuses: never empty.
std::string smpp_status_text(std::uint32_t status);

}  // namespace sallyport::messaging
