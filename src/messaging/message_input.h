// Checks what a client posted as a message, whole, before anything is stored. Accepts every field
// that clients are known to send; a field whose feature is not built is refused by name, unless it
// says nothing ({}, "", 0). Pure, any thread. A refusal is a value: its text says which field
// breaks which rule.
//
// Choices: without an `email` object the plain `body` is the mail's text; `label` selects messages
// in lists; fields that nobody knows are passed over.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "messaging/address.h"
#include "messaging/input_value.h"
#include "messaging/message.h"

namespace sallyport::messaging {

inline constexpr std::size_t kMaxGsmText = 1570;  // subject and body, in the GSM alphabet
inline constexpr std::size_t kMaxOtherText = 800;
inline constexpr std::size_t kMaxLabel = 48;
inline constexpr std::size_t kMaxAttachments = 100;
inline constexpr std::size_t kMaxAttachmentName = 255;
inline constexpr std::size_t kMaxAttachmentBytes = 10 * 1024 * 1024;  // of all, decoded

struct AcceptedMessage {
  MessageContent content;
  std::vector<Recipient> recipients;  // indices from 1, all Pending
  std::string from;                   // as asked for; whether it may be is for the senders to say
  std::string alias;                  // of an SMS
  MessageClass kind = MessageClass::Transactional;
  std::int64_t not_before_us = 0;
  Repetition repetition;
  std::int64_t validity_us = 0;  // 0 = none given
};

struct InputRefusal {
  int status = 422;  // or 413
  std::string text;
};

struct InputRules {
  std::size_t raw_bytes = 0;                  // size of the body as it came
  std::uint64_t message_bytes = 1024 * 1024;  // the most without attachments: above 413
  ReservedDomains reserved{""};
  std::int64_t now_us = 0;
  std::string time_zone = "UTC";  // of scheduleDate
  bool phones = false;            // there is a channel for SMS
  bool any_country = false;       // also to countries that are not open
  std::string country = {};       // "+61", of numbers without one
  std::vector<std::string> open_countries = {};
};

std::expected<AcceptedMessage, InputRefusal> read_message(const InputValue& input,
                                                          const InputRules& rules);

}  // namespace sallyport::messaging
