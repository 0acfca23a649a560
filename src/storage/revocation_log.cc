#include "storage/revocation_log.h"

#include <array>
#include <variant>

#include "base/encoding.h"
#include "base/id.h"
#include "base/time_text.h"

namespace sallyport::storage {
namespace {

constexpr std::array<std::string_view, 3> kWords = {"key", "user", "grant"};

std::string bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

bool is_ended(const ApiKey& key) { return key.status == Status::Revoked; }
bool is_ended(const User& user) { return user.status == Status::Deleted; }
bool is_ended(const Grant& grant) { return grant.status == Status::Revoked; }

}  // namespace

std::vector<RevocationLog::Entry> RevocationLog::ended_by(const Change& change) {
  std::vector<Entry> ended;
  const auto look = [&ended](const Entity& entity, bool removed) {
    if (const auto* key = std::get_if<ApiKey>(&entity); key != nullptr) {
      if (removed || is_ended(*key)) {
        ended.push_back({Kind::Key, key->id.value, bytes_of(key->digest)});
      }
    } else if (const auto* user = std::get_if<User>(&entity); user != nullptr) {
      if (removed || is_ended(*user)) ended.push_back({Kind::User, user->id.value, {}});
    } else if (const auto* grant = std::get_if<Grant>(&entity); grant != nullptr) {
      if (removed || is_ended(*grant)) ended.push_back({Kind::Grant, grant->id.value, {}});
    }
  };
  for (const Entity& entity : change.put) look(entity, false);
  for (const Entity& entity : change.remove) look(entity, true);
  return ended;
}

// "2026-11-24T09:02:18Z key 0123456789ABCDEF <64 digits of the digest, or ->"
std::string RevocationLog::line_of(const Entry& entry, std::int64_t now_us) {
  const auto* digest = reinterpret_cast<const std::uint8_t*>(entry.digest.data());
  return rfc3339_seconds(now_us) + " " + std::string(kWords[static_cast<std::size_t>(entry.kind)]) +
         " " + hex_upper(entry.id) + " " +
         (entry.digest.empty() ? "-" : hex_lower({digest, entry.digest.size()})) + "\n";
}

bool RevocationLog::parse(std::string_view line, Entry& entry) {
  const std::size_t first = line.find(' ');
  if (first == std::string_view::npos) return false;
  const std::size_t second = line.find(' ', first + 1);
  if (second == std::string_view::npos) return false;
  const std::size_t third = line.find(' ', second + 1);
  if (third == std::string_view::npos) return false;
  const std::string_view word = line.substr(first + 1, second - first - 1);
  const auto id = parse_hex_upper(line.substr(second + 1, third - second - 1));
  const std::string_view digest = line.substr(third + 1);
  std::size_t kind = 0;
  while (kind < kWords.size() && kWords[kind] != word) ++kind;
  if (kind == kWords.size() || !id) return false;
  entry = {static_cast<Kind>(kind), *id, {}};
  if (digest == "-") return true;
  const auto bytes = hex_decode(digest);
  if (!bytes || bytes->size() != std::tuple_size_v<Digest>) return false;
  entry.digest = *bytes;
  return true;
}

bool RevocationLog::knows(const Entry& entry) const {
  return ids_[static_cast<std::size_t>(entry.kind)].contains(entry.id);
}

void RevocationLog::remember(const Entry& entry) {
  if (knows(entry)) return;
  ids_[static_cast<std::size_t>(entry.kind)].insert(entry.id);
  if (!entry.digest.empty()) digests_.insert(entry.digest);
  entries_.push_back(entry);
}

Result<void> RevocationLog::read() {
  const auto lines = file_.lines();
  if (!lines) return std::unexpected(lines.error());
  for (std::size_t i = 0; i < lines->size(); ++i) {
    Entry entry;
    if (!parse((*lines)[i], entry)) {
      return fail(ErrorKind::Invalid,
                  file_.path() + ":" + std::to_string(i + 1) + ": not a line of a revocation log");
    }
    remember(entry);
  }
  return {};
}

Result<void> RevocationLog::check(const Change& change) const {
  for (const Entity& entity : change.put) {
    if (const auto* key = std::get_if<ApiKey>(&entity); key != nullptr && !is_ended(*key)) {
      if (knows({Kind::Key, key->id.value, {}}) || digests_.contains(bytes_of(key->digest))) {
        return fail(ErrorKind::Conflict,
                    "key " + key->id.hex() + " was revoked, and that is final");
      }
    } else if (const auto* user = std::get_if<User>(&entity); user != nullptr && !is_ended(*user)) {
      if (knows({Kind::User, user->id.value, {}})) {
        return fail(ErrorKind::Conflict,
                    "user " + user->id.hex() + " was deleted, and that is final");
      }
    } else if (const auto* grant = std::get_if<Grant>(&entity);
               grant != nullptr && !is_ended(*grant)) {
      if (knows({Kind::Grant, grant->id.value, {}})) {
        return fail(ErrorKind::Conflict,
                    "grant " + grant->id.hex() + " was revoked, and that is final");
      }
    }
  }
  return {};
}

Result<void> RevocationLog::append(const std::vector<Entry>& entries, std::int64_t now_us) {
  std::string lines;
  for (const Entry& entry : entries) {
    if (!knows(entry)) lines += line_of(entry, now_us);
  }
  if (auto done = file_.append(lines); !done) return done;
  for (const Entry& entry : entries) remember(entry);
  return {};
}

Result<void> RevocationLog::note(const Change& change, std::int64_t now_us) {
  return append(ended_by(change), now_us);
}

Result<std::int64_t> RevocationLog::end_in(Database& database) const {
  std::int64_t count = 0;
  for (const Entry& entry : entries_) {
    const auto id = static_cast<std::int64_t>(entry.id);
    Result<void> done;
    switch (entry.kind) {
      case Kind::Key:
        done = database.run(
            "UPDATE api_key SET status = 'revoked' WHERE (id = ? OR digest = ?) "
            "AND status <> 'revoked'",
            id, Blob{entry.digest});
        break;
      case Kind::User:
        done = database.run(
            "UPDATE user SET status = 'deleted', security_version = security_version + 1 "
            "WHERE id = ? AND status <> 'deleted'",
            id);
        break;
      case Kind::Grant:
        done = database.run(
            "UPDATE grant_ SET status = 'revoked' WHERE id = ? AND status <> 'revoked'", id);
        break;
    }
    if (!done) return std::unexpected(done.error());
    count += database.changes();
  }
  return count;
}

Result<void> RevocationLog::note_all_of(Database& database, std::int64_t now_us) {
  std::vector<Entry> entries;
  const auto take = [&entries](Kind kind) {
    return [&entries, kind](const Statement& row) -> Result<void> {
      entries.push_back({kind, row.bits(0), std::string(row.blob(1))});
      return {};
    };
  };
  auto done =
      database.each("SELECT id, digest FROM api_key WHERE status = 'revoked'", take(Kind::Key));
  if (done) {
    done = database.each("SELECT id, x'' FROM user WHERE status = 'deleted'", take(Kind::User));
  }
  if (done) {
    done = database.each("SELECT id, x'' FROM grant_ WHERE status = 'revoked'", take(Kind::Grant));
  }
  if (!done) return done;
  return append(entries, now_us);
}

}  // namespace sallyport::storage
