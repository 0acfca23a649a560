#include "storage/audit_heads.h"

#include <charconv>
#include <vector>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/time_text.h"

namespace sallyport::storage {
namespace {

constexpr std::string_view kHead = "head";
constexpr std::string_view kRestored = "restored";

std::string hex_of(std::string_view bytes) {
  return hex_lower({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

// The signed part: its fields hold no '-', so no two heads are written alike.
std::string body_of(const SignedHead& head) {
  return std::string(head.restored ? kRestored : kHead) + "-" + std::to_string(head.sequence) +
         "-" + std::to_string(head.time_us) + "-" + hex_of(head.mac);
}

std::string signature_of(std::string_view body, const Secret& key) {
  const Digest digest =
      hmac_sha256(key.reveal(), "sallyport signed audit head 1\n" + std::string(body));
  return hex_lower(digest);
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

std::string to_text(const SignedHead& head, const Secret& key) {
  const std::string body = body_of(head);
  return body + "-" + signature_of(body, key);
}

std::optional<SignedHead> parse_signed_head(std::string_view text, const Secret& key) {
  std::vector<std::string_view> parts;
  for (std::string_view left = text;;) {
    const std::size_t dash = left.find('-');
    parts.push_back(left.substr(0, dash));
    if (dash == std::string_view::npos) break;
    left.remove_prefix(dash + 1);
  }
  if (parts.size() != 5 || (parts[0] != kHead && parts[0] != kRestored)) return std::nullopt;
  const auto sequence = number(parts[1]);
  const auto time_us = number(parts[2]);
  const auto mac = hex_decode(parts[3]);
  if (!sequence || !time_us || !mac || mac->size() != 32) return std::nullopt;
  SignedHead head{parts[0] == kRestored, *sequence, *time_us, *mac};
  if (!equal_constant_time(signature_of(body_of(head), key), parts[4])) return std::nullopt;
  return head;
}

Result<std::string> AuditHeads::append(const SignedHead& head, const Secret& key) {
  if (!last_) {
    const auto lines = file_.lines();
    if (!lines) return std::unexpected(lines.error());
    if (!lines->empty()) last_ = parse_signed_head(lines->back(), key);
  }
  if (last_ && !head.restored && last_->sequence == head.sequence && last_->mac == head.mac) {
    return std::string();
  }
  std::string text = to_text(head, key);
  if (auto done = file_.append(text + "\n"); !done) return std::unexpected(done.error());
  last_ = head;
  return text;
}

Result<std::map<std::int64_t, SignedHead>> AuditHeads::expected(const Secret& key) const {
  const auto lines = file_.lines();
  if (!lines) return std::unexpected(lines.error());
  std::map<std::int64_t, SignedHead> heads;
  for (std::size_t i = 0; i < lines->size(); ++i) {
    const auto head = parse_signed_head((*lines)[i], key);
    if (!head) {
      return fail(ErrorKind::Invalid, file_.path() + ":" + std::to_string(i + 1) +
                                          ": not signed with this installation's audit key");
    }
    // Its MAC stands for every row before it; what was signed earlier may be another branch's.
    if (head->restored) heads.clear();
    const auto [known, first] = heads.try_emplace(head->sequence, *head);
    // Else a log that was cut and has grown again would vouch for itself.
    if (!first && known->second.mac != head->mac) {
      return fail(ErrorKind::Invalid, "row " + std::to_string(head->sequence) + " was signed at " +
                                          rfc3339_seconds(known->second.time_us) +
                                          ", and differently at " + rfc3339_seconds(head->time_us));
    }
  }
  return heads;
}

}  // namespace sallyport::storage
