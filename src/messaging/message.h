// A message, its recipients and their deliveries: the one internal model behind JSON and XML, the
// store and the channels. Times are microseconds since 1970 UTC, 0 = not yet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/entities.h"
#include "base/id.h"

namespace sallyport::messaging {

struct Attachment {
  std::string name;
  std::string description;
  std::string content;  // decoded bytes
};

struct EmailPart {
  std::string body;
  std::string footer;
  std::string type = "text/plain";  // or "text/html"
  std::vector<Attachment> attachments;
  // RFC 2369 and 8058: a https URL, and whether a POST to it unsubscribes without a further click.
  std::string unsubscribe_url;
  bool one_click = false;
};

// As clients name them; the second one differs in its name only.
enum class MessageType : std::uint8_t { Default, DefaultNoReply, NoDlr };
std::string_view to_string(MessageType type);  // "default", "defaultNoReply", "noDlr"

// What the client said about receipts of SMS; they are asked for unless it is None.
enum class Receipts : std::uint8_t { Unsaid, None, Delivered };
std::string_view to_string(Receipts receipts);  // "", "NoDlr", "ReportDelivered"

// What a client sent, validated.
struct MessageContent {
  std::string to;  // as written
  std::string subject;
  std::string body;
  std::optional<EmailPart> email;
  std::string label;
  MessageType type = MessageType::Default;
  Receipts receipts = Receipts::Unsaid;
};

bool wants_receipts(const MessageContent& content);

// The text of its SMS: the subject is the first line.
std::string sms_text(const MessageContent& content);

// What it is sent for decides what happens to an attempt in doubt: a transactional message had
// better come twice than not at all, marketing had better not come twice.
enum class MessageClass : std::uint8_t { Transactional, Marketing };
std::string_view to_string(MessageClass kind);  // "transactional", "marketing"

// A message that is sent again: so many times, each so long after the one before. Days are days of
// the calendar in `zone`, so that an hour of the day stays the same over a change of the clock.
struct Repetition {
  std::int32_t count = 0;
  std::int32_t days = 0;
  std::int32_t hours = 0;
  std::int32_t minutes = 0;
  std::string zone = "UTC";
  bool operator==(const Repetition&) const = default;
};

enum class ChannelKind : std::uint8_t { Email, Sms };
std::string_view to_string(ChannelKind kind);  // "email", "sms"

// Per recipient; moves forward only.
enum class DeliveryState : std::uint8_t {
  Pending,     // accepted, not handed over yet
  Attempting,  // an attempt was recorded and has no recorded end: in doubt after a crash
  Deferred,    // to be tried again
  Sent,        // the next hop has taken responsibility (SMTP 250, file written)
  Delivered,   // a receipt says so
  Read,
  Failed,   // final
  InDoubt,  // the connection broke after the last byte and policy forbids another try
};
std::string_view to_string(DeliveryState state);  // the store's word: "pending", ...
std::string_view client_word(
    DeliveryState state);  // "PENDING", "SENT", "DELIVRD", "READ", "FAILED"
bool is_final(DeliveryState state);

struct Recipient {
  std::int32_t index = 0;  // 1-based, in the order of `to`
  ChannelKind channel = ChannelKind::Email;
  std::string destination;
  DeliveryState state = DeliveryState::Pending;
  std::int32_t attempts = 0;
  std::int64_t next_attempt_us = 0;
  std::int64_t sent_us = 0;
  std::int64_t delivered_us = 0;
  std::int64_t failed_us = 0;
  std::int32_t last_code = 0;  // SMTP reply code, 0 = none
  std::string last_text;       // the last answer, printable
};

struct Message {
  MessageId id;
  AccountId account;
  WorkspaceId workspace;
  UserId user;
  ApplicationId application;
  Environment environment = Environment::Live;
  std::string from_name;  // display name of the user who sent it
  std::string username;
  std::int64_t created_us = 0;
  MessageContent content;
  std::vector<Recipient> recipients;
  std::string sender;  // the address in From, chosen among the account's; empty: the installation's
  std::string sms_sender;  // the same for SMS
  MessageClass kind = MessageClass::Transactional;
  std::int64_t not_before_us = 0;  // scheduled; 0 = at once
  std::int64_t expires_us = 0;     // not tried after that; 0 = the configured time
  Repetition repetition;
  bool account_active = true;  // of load(): what is queued by a suspended account is held
};

}  // namespace sallyport::messaging
