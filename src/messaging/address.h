// Who a message is for: email addresses by a strict subset of RFC 5321 (dot-atom, LDH domain,
// ASCII), phone numbers recognised as such, and the list in `to`. Checked here before anything is
// stored and again by whatever writes an address to a wire or a header. Pure, any thread.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::messaging {

inline constexpr std::size_t kMaxTo = 10'000;  // characters of `to`

// nullopt when it is one; else why not, as the end of a sentence: "has no domain".
std::optional<std::string> why_no_email_address(std::string_view text);
bool is_email_address(std::string_view text);

// '+' and 7 to 15 digits (E.164), blanks, dots, dashes and parentheses between them.
bool is_phone_number(std::string_view text);

// A https URL that may stand between angle brackets in a header, at most 900 characters.
bool is_unsubscribe_url(std::string_view url);

// As E.164 with its '+': "00" and a number that begins with its country are understood, a leading 0
// needs `country` ("+61", may be empty). nullopt when nobody can say which country it is.
std::optional<std::string> normalize_phone(std::string_view text, std::string_view country);

// `to` at its separators ; and , without blanks and empty parts.
std::vector<std::string_view> split_recipients(std::string_view to);

// The address with its domain in lower case: what makes two of them the same.
std::string normalize_address(std::string_view address);
std::string_view domain_of(std::string_view address);  // behind the last '@'

// Domains that name people and lists inside the system and never a mailbox. Lower case.
class ReservedDomains {
 public:
  // `user_domain` as configured, or empty for user.<account>.invalid. Its siblings contact.* and
  // list.* are reserved with it, and all of .invalid, which can never be delivered to (RFC 2606 2).
  // Mail to `bounce_domain` comes back to us: a message there would be a loop.
  explicit ReservedDomains(std::string_view user_domain, std::string_view bounce_domain = "");
  bool contains(std::string_view domain) const;

 private:
  std::vector<std::string> domains_;
};

}  // namespace sallyport::messaging
