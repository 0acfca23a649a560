// DIR/audit.heads: signed heads of the audit log, outside the store, so that rows cut off its end
// are missed even by whoever put an older store in its place. Signed every minute in which
// something changed, at shutdown, and when a backup was restored; only ever appended. A head is one
// word, to be kept elsewhere too: the system log gets each. Called by the Store on any one thread
// at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "storage/append_file.h"

namespace sallyport::storage {

struct SignedHead {
  bool restored = false;  // the log goes on from here; what was signed behind it is another store's
  std::int64_t sequence = 0;
  std::int64_t time_us = 0;
  std::string mac;  // 32 bytes; of the row with that number
};

// "head-<sequence>-<microseconds>-<MAC>-<signature>", or "restored-..." of a restored one.
std::string to_text(const SignedHead& head, const Secret& key);
// nullopt: not such a word, or not signed with this key.
std::optional<SignedHead> parse_signed_head(std::string_view text, const Secret& key);

class AuditHeads {
 public:
  explicit AuditHeads(std::string path) : file_(std::move(path)) {}

  // Appends a head unless the last one says the same; its word, or "" when nothing was new.
  Result<std::string> append(const SignedHead& head, const Secret& key);
  // What the log must hold: the MACs by their rows' numbers. Invalid when a line is not signed with
  // this key, which names it, or when a row was signed twice, differently.
  Result<std::map<std::int64_t, SignedHead>> expected(const Secret& key) const;

 private:
  AppendFile file_;
  std::optional<SignedHead> last_;  // that this process appended
};

}  // namespace sallyport::storage
