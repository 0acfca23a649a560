// What an account may send from, and how much: entities like the others. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/status.h"

namespace sallyport {

// What an account may send from. Waiting until the operator or the DNS has shown that it is theirs.
enum class SenderKind : std::uint8_t { Domain, Address, Sms };
std::string_view to_string(SenderKind kind);  // "domain", "address", "sms"
std::optional<SenderKind> parse_sender_kind(std::string_view text);

struct Sender {
  SenderId id;
  AccountId account;
  SenderKind kind = SenderKind::Domain;
  std::string value;  // "example.com", "news@example.com": lower case; of SMS "ACME" or "+61..."
  Status status = Status::Waiting;  // Active, Disabled
  std::string token;                // to be shown in the DNS, of a domain
  // DKIM (RFC 6376), of a domain: the private key is sealed with the store key.
  std::string dkim_selector;  // empty = mail is not signed
  std::string dkim_kind;      // rsa, ed25519
  std::string dkim_key;
  std::string dkim_public;  // base64, as the DNS has it
  std::int64_t created_us = 0;
};

// What an account may send, and how long it is kept: one for each account that has any.
struct SendingRules {
  AccountId id;                             // the account's
  std::optional<std::uint32_t> per_minute;  // recipients
  std::optional<std::uint32_t> per_day;
  std::optional<std::uint32_t> sms_per_day;     // parts of SMS
  std::optional<std::uint32_t> retention_days;  // of messages; none = as configured
  std::vector<std::string> sms_prefixes;        // "+61": what may be sent to; none at first
  std::string sms_country;                      // "+61": of numbers without a country
  std::int64_t created_us = 0;
};

}  // namespace sallyport
