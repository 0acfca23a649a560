#include "storage/audit_chain.h"

#include <optional>
#include <string>
#include <string_view>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/time_text.h"

namespace sallyport::storage {
namespace {

constexpr std::string_view kRowDomain = "sallyport audit row 1";
constexpr std::string_view kHeadDomain = "sallyport audit head 1";
constexpr std::size_t kMacSize = 32;

struct Head {
  std::int64_t sequence = 0;
  std::string mac = std::string(kMacSize, '\0');  // the first row's predecessor
};

// Each part with its length in front, so that no two lists of parts give the same bytes.
void append_part(std::string& out, std::string_view part) {
  std::uint64_t size = part.size();
  for (int i = 0; i < 8; ++i, size >>= 8) out.push_back(static_cast<char>(size & 0xFF));
  out.append(part);
}

void append_number(std::string& out, std::int64_t number) {
  auto bits = static_cast<std::uint64_t>(number);
  for (int i = 0; i < 8; ++i, bits >>= 8) out.push_back(static_cast<char>(bits & 0xFF));
}

std::string mac_of(const Secret& key, const std::string& bytes) {
  const Digest digest = hmac_sha256(key.reveal(), bytes);
  return {digest.begin(), digest.end()};
}

std::string row_mac(const Secret& key, std::string_view previous, std::int64_t sequence,
                    const AuditEntry& entry) {
  std::string bytes;
  append_part(bytes, kRowDomain);
  append_part(bytes, previous);
  append_number(bytes, sequence);
  append_number(bytes, entry.time_us);
  for (const auto* part : {&entry.actor, &entry.action, &entry.subject, &entry.json}) {
    append_part(bytes, *part);
  }
  return mac_of(key, bytes);
}

std::string signature_of(const Secret& key, const Head& head) {
  std::string bytes;
  append_part(bytes, kHeadDomain);
  append_number(bytes, head.sequence);
  append_part(bytes, head.mac);
  return mac_of(key, bytes);
}

Result<void> write_head(Database& database, const Secret& key, const Head& head) {
  std::string value;
  append_number(value, head.sequence);
  value += head.mac;
  value += signature_of(key, head);
  return database.run(
      "INSERT INTO meta (name, value) VALUES ('audit_head', ?) "
      "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      Blob{value});
}

// nullopt: there is none, or it was not signed with this key.
Result<std::optional<Head>> read_head(Database& database, const Secret& key) {
  auto row = database.query("SELECT value FROM meta WHERE name = 'audit_head'");
  if (!row) return std::unexpected(row.error());
  auto found = row->step();
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  const std::string_view value = row->blob(0);
  if (value.size() != 8 + 2 * kMacSize) return std::nullopt;
  std::uint64_t sequence = 0;
  for (std::size_t i = 8; i-- > 0;) {
    sequence = (sequence << 8U) | static_cast<unsigned char>(value[i]);
  }
  Head head{static_cast<std::int64_t>(sequence), std::string(value.substr(8, kMacSize))};
  if (!equal_constant_time(signature_of(key, head), value.substr(8 + kMacSize))) {
    return std::nullopt;
  }
  return head;
}

AuditEntry entry_of(const Statement& row) {  // columns 1 to 5
  return AuditEntry{.time_us = row.integer(1),
                    .actor = row.string(2),
                    .action = row.string(3),
                    .subject = row.string(4),
                    .json = row.string(5)};
}

std::string hex(std::string_view bytes) {
  return hex_lower({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

// Whether the head still stands for the last row of the table.
Result<bool> is_last_row(Database& database, const Head& head) {
  auto row = database.query("SELECT sequence, mac FROM audit ORDER BY sequence DESC LIMIT 1");
  if (!row) return std::unexpected(row.error());
  auto found = row->step();
  if (!found) return std::unexpected(found.error());
  if (!*found) return head.sequence == 0;
  return row->integer(0) == head.sequence && row->blob(1) == head.mac;
}

}  // namespace

Result<void> begin_audit(Database& database, const Secret& key) {
  return write_head(database, key, Head{});
}

Result<void> append_audit(Database& database, const Secret& key, const AuditEntry& entry) {
  auto head = read_head(database, key);
  if (!head) return std::unexpected(head.error());
  if (head->has_value()) {
    auto last = is_last_row(database, **head);
    if (!last) return std::unexpected(last.error());
    if (!*last) head->reset();
  }
  if (!head->has_value()) {
    return fail(
        ErrorKind::Unavailable,
        "the end of the audit log does not verify (rows were removed, or the key is another "
        "one), so no change is accepted; see `sallyport audit verify`");
  }
  Head next{(*head)->sequence + 1, {}};
  next.mac = row_mac(key, (*head)->mac, next.sequence, entry);
  auto written = database.run(
      "INSERT INTO audit (sequence, time_us, actor, action, subject, json, mac) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      next.sequence, entry.time_us, entry.actor, entry.action, entry.subject, entry.json,
      Blob{next.mac});
  if (!written) return written;
  return write_head(database, key, next);
}

Result<std::vector<auth::AuditRow>> read_audit(Database& database, std::int64_t limit) {
  std::vector<auth::AuditRow> rows;
  auto read = database.each(
      "SELECT sequence, time_us, actor, action, subject, json, mac FROM audit "
      "ORDER BY sequence DESC LIMIT ?",
      [&rows](const Statement& row) -> Result<void> {
        rows.push_back({row.integer(0), entry_of(row), hex(row.blob(6))});
        return {};
      },
      limit);
  if (!read) return std::unexpected(read.error());
  return rows;
}

Result<SignedHead> audit_head(Database& database, const Secret& key) {
  auto head = read_head(database, key);
  if (!head) return std::unexpected(head.error());
  if (head->has_value()) {
    auto last = is_last_row(database, **head);
    if (!last) return std::unexpected(last.error());
    if (!*last) head->reset();
  }
  if (!head->has_value()) {
    return fail(ErrorKind::Unavailable, "the end of the audit log does not verify");
  }
  return SignedHead{false, (*head)->sequence, 0, (*head)->mac};
}

Result<auth::AuditVerdict> verify_audit_chain(Database& database, const Secret& key,
                                              const std::map<std::int64_t, SignedHead>& expected) {
  auto head = read_head(database, key);
  if (!head) return std::unexpected(head.error());
  auth::AuditVerdict verdict;
  Head last;
  const auto bad = [&verdict](std::int64_t sequence, std::string why) {
    if (verdict.first_bad != 0) return;
    verdict.first_bad = sequence;
    verdict.problem = std::move(why);
  };
  auto read = database.each(
      "SELECT sequence, time_us, actor, action, subject, json, mac FROM audit ORDER BY sequence",
      [&](const Statement& row) -> Result<void> {
        ++verdict.rows;
        const std::int64_t sequence = last.sequence + 1;
        const std::string mac = row_mac(key, last.mac, sequence, entry_of(row));
        if (row.integer(0) != sequence || row.blob(6) != mac) {
          bad(sequence, "row " + std::to_string(sequence) + " does not fit the one before it");
        }
        last = {row.integer(0), std::string(row.blob(6))};
        const auto signed_head = expected.find(last.sequence);
        if (signed_head != expected.end() && signed_head->second.mac != last.mac) {
          bad(last.sequence, "row " + std::to_string(last.sequence) + " is not the one that was " +
                                 "signed at " + rfc3339_seconds(signed_head->second.time_us));
        }
        return {};
      });
  if (!read) return std::unexpected(read.error());
  verdict.head_hex = hex(last.mac);
  verdict.heads = std::ssize(expected);
  if (!expected.empty() && expected.rbegin()->first > last.sequence) {
    const SignedHead& missing = expected.rbegin()->second;
    bad(last.sequence + 1, "it ends at row " + std::to_string(last.sequence) + ", but row " +
                               std::to_string(missing.sequence) + " was signed at " +
                               rfc3339_seconds(missing.time_us));
  }
  const bool ends_well =
      head->has_value() && (*head)->sequence == last.sequence && (*head)->mac == last.mac;
  if (!ends_well) {
    bad(last.sequence + 1, "rows are gone from its end, or its head was changed");
  }
  verdict.intact = verdict.first_bad == 0;
  return verdict;
}

}  // namespace sallyport::storage
