#include "messaging/address.h"

#include <algorithm>

#include "base/encoding.h"

namespace sallyport::messaging {
namespace {

constexpr std::size_t kMaxLocal = 64;     // RFC 5321 4.5.3.1.1
constexpr std::size_t kMaxDomain = 255;   // 4.5.3.1.2
constexpr std::size_t kMaxAddress = 254;  // 4.5.3.1.3, less the brackets of a path
constexpr std::size_t kMaxLabel = 63;     // RFC 1035 2.3.4

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
// RFC 5322 3.2.3
bool is_atext(char c) {
  return is_alphanumeric(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}
bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::optional<std::string> why_no_local_part(std::string_view local) {
  if (local.empty()) return "has nothing before the @";
  if (local.size() > kMaxLocal) return "has more than 64 characters before the @";
  if (!is_ascii(local)) return "has a character before the @ that is not ASCII";
  if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos) {
    return "has a misplaced dot before the @";
  }
  const bool good = std::ranges::all_of(local, [](char c) { return c == '.' || is_atext(c); });
  if (!good) return "has a character before the @ that is not allowed";
  return std::nullopt;
}

std::optional<std::string> why_no_domain(std::string_view domain) {
  if (domain.empty()) return "has no domain";
  if (domain.size() > kMaxDomain) return "has a domain of more than 255 characters";
  if (!is_ascii(domain)) return "has a domain that is not ASCII: write its xn-- form";
  std::size_t start = 0;
  std::string_view label;
  while (start <= domain.size()) {
    const std::size_t dot = std::min(domain.find('.', start), domain.size());
    label = domain.substr(start, dot - start);
    const bool good =
        !label.empty() && label.size() <= kMaxLabel && label.front() != '-' &&
        label.back() != '-' &&
        std::ranges::all_of(label, [](char c) { return is_alphanumeric(c) || c == '-'; });
    if (!good) return "has a malformed domain";
    start = dot + 1;
  }
  if (std::ranges::all_of(label, is_digit)) return "has an address instead of a domain";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> why_no_email_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return "has no @";
  if (auto why = why_no_local_part(text.substr(0, at))) return why;
  if (auto why = why_no_domain(text.substr(at + 1))) return why;
  if (text.size() > kMaxAddress) return "has more than 254 characters";
  return std::nullopt;
}

bool is_email_address(std::string_view text) { return !why_no_email_address(text); }

bool is_phone_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::size_t digits = 0;
  for (const char c : text) {
    if (is_digit(c)) {
      ++digits;
    } else if (std::string_view(" .-()").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return digits >= 7 && digits <= 15;
}

bool is_unsubscribe_url(std::string_view url) {
  constexpr std::size_t kLongest = 900;  // a header line may have 998 (RFC 5322 2.1.1)
  return url.starts_with("https://") && url.size() <= kLongest && url.size() > 8 &&
         std::ranges::all_of(url, [](char c) {
           return c > 0x20 && c < 0x7F && std::string_view("<>\",").find(c) == std::string::npos;
         });
}

std::optional<std::string> normalize_phone(std::string_view text, std::string_view country) {
  if (!is_phone_number(text)) return std::nullopt;
  std::string digits;
  for (const char c : text) {
    if (is_digit(c)) digits += c;
  }
  if (text.starts_with('+'))
    return digits.front() == '0' ? std::nullopt : std::optional('+' + digits);
  if (digits.starts_with("00")) {
    digits.erase(0, 2);
  } else if (digits.front() == '0') {
    if (country.empty()) return std::nullopt;
    digits = std::string(country.substr(1)) + digits.substr(1);
  }
  if (digits.size() < 7 || digits.size() > 15 || digits.front() == '0') return std::nullopt;
  return '+' + digits;
}

std::vector<std::string_view> split_recipients(std::string_view to) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  while (start <= to.size()) {
    const std::size_t end = std::min(to.find_first_of(";,", start), to.size());
    const std::string_view part = trim_ascii(to.substr(start, end - start));
    if (!part.empty()) parts.push_back(part);
    start = end + 1;
  }
  return parts;
}

std::string_view domain_of(std::string_view address) {
  const std::size_t at = address.rfind('@');
  return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

std::string normalize_address(std::string_view address) {
  const std::string_view domain = domain_of(address);
  return std::string(address.substr(0, address.size() - domain.size())) + ascii_lower(domain);
}

ReservedDomains::ReservedDomains(std::string_view user_domain, std::string_view bounce_domain) {
  if (!bounce_domain.empty()) domains_.push_back(ascii_lower(bounce_domain));
  if (user_domain.empty()) return;
  const std::string first = domains_.emplace_back(ascii_lower(user_domain));
  if (!first.starts_with("user.")) return;
  domains_.push_back("contact." + first.substr(5));
  domains_.push_back("list." + first.substr(5));
}

bool ReservedDomains::contains(std::string_view domain) const {
  const std::string lower = ascii_lower(domain);
  if (lower == "invalid" || lower.ends_with(".invalid")) return true;
  return std::ranges::any_of(domains_, [&lower](const std::string& reserved) {
    return lower == reserved || lower.ends_with("." + reserved);
  });
}

}  // namespace sallyport::messaging
