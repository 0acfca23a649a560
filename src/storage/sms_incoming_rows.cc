#include "storage/sms_incoming_rows.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "storage/message_rows.h"

namespace sallyport::storage {
namespace {

using messaging::IncomingSms;

// What waits for the other parts of its text.
constexpr std::int64_t kPartsUs = 86'400'000'000;

// Whose an incoming message is, the likeliest first.
struct Owners {
  std::vector<AccountId> accounts;
  std::optional<MessageId> answers;  // of the first account
};

Result<Owners> owners_of(Database& database, const IncomingSms& sms) {
  Owners owners;
  const auto add = [&owners](const Statement& row) -> Result<void> {
    const AccountId account{row.bits(0)};
    if (std::ranges::find(owners.accounts, account) == owners.accounts.end()) {
      owners.accounts.push_back(account);
    }
    return {};
  };
  // Those that have the number to themselves; he who wrote last to the source goes first.
  auto done = database.each(
      "SELECT account_id FROM sender s WHERE kind = 'sms' AND status = 'active' AND "
      "ltrim(value, '+') = ltrim(?1, '+') COLLATE NOCASE ORDER BY (SELECT max(accepted_us) FROM "
      "sms_part p WHERE p.number = ?2 AND p.account_id = s.account_id) DESC",
      add, sms.destination, sms.source);
  if (done && owners.accounts.empty()) {
    done = database.each(
        "SELECT account_id FROM sms_part WHERE number = ? GROUP BY account_id "
        "ORDER BY max(accepted_us) DESC",
        add, sms.source);
  }
  if (done && !owners.accounts.empty()) {
    done = database.each(
        "SELECT message_id FROM sms_part WHERE number = ? AND account_id = ? "
        "ORDER BY accepted_us DESC LIMIT 1",
        [&owners](const Statement& row) -> Result<void> {
          owners.answers = MessageKey::parse(row.blob(0));
          return {};
        },
        sms.source, owners.accounts.front());
  }
  if (!done) return std::unexpected(done.error());
  return owners;
}

Result<void> obey(Database& database, const IncomingSms& sms,
                  const std::vector<AccountId>& accounts) {
  const auto word = messaging::word_of(sms.text);
  if (word == IncomingSms::Word::None) return {};
  std::vector<AccountId> all = accounts;
  if (all.empty() || word == IncomingSms::Word::Start) all.push_back(AccountId{});  // every one
  for (const AccountId account : all) {
    auto done = word == IncomingSms::Word::Stop
                    ? database.run(
                          "INSERT OR IGNORE INTO sms_stop (account_id, number, since_us) "
                          "VALUES (?, ?, ?)",
                          account, sms.source, sms.time_us)
                    : database.run("DELETE FROM sms_stop WHERE number = ? AND account_id = ?",
                                   sms.source, account);
    if (!done) return done;
  }
  return {};
}

Result<void> store_incoming(Database& database, const IncomingSms& sms) {
  auto owners = owners_of(database, sms);
  if (!owners) return std::unexpected(owners.error());
  const AccountId account = owners->accounts.empty() ? AccountId{} : owners->accounts.front();
  std::optional<MessageKey> key;
  if (owners->answers) key.emplace(*owners->answers);
  const std::optional<Blob> answers = key ? std::optional(key->blob()) : std::nullopt;
  auto done = database.run(
      "INSERT INTO sms_incoming (account_id, message_id, smsc, source, destination, text, "
      "received_us) VALUES (?, ?, ?, ?, ?, ?, ?)",
      account, answers, sms.smsc, sms.source, sms.destination, sms.text, sms.time_us);
  if (done && account) {
    done = database.run(
        "INSERT INTO event (time_us, kind, subject, account_id, json) VALUES (?1, 'sms.received', "
        "'sms ' || last_insert_rowid(), ?2, '{}')",
        sms.time_us, account);
  }
  if (!done) return done;
  return obey(database, sms, owners->accounts);
}

// The text, once all its parts are there.
Result<std::optional<std::string>> join(Database& database, const IncomingSms& sms) {
  auto done =
      database.run("DELETE FROM sms_incoming_part WHERE received_us < ?", sms.time_us - kPartsUs);
  if (done) {
    done = database.run(
        "INSERT OR REPLACE INTO sms_incoming_part (smsc, source, destination, reference, total, "
        "number, text, received_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        sms.smsc, sms.source, sms.destination, sms.reference, sms.total, sms.number, sms.text,
        sms.time_us);
  }
  std::int32_t count = 0;
  std::string text;
  if (done) {
    done = database.each(
        "SELECT text FROM sms_incoming_part WHERE smsc = ? AND source = ? AND destination = ? AND "
        "reference = ? AND total = ? ORDER BY number",
        [&](const Statement& row) -> Result<void> {
          ++count;
          text += row.text(0);
          return {};
        },
        sms.smsc, sms.source, sms.destination, sms.reference, sms.total);
  }
  if (done && count == sms.total) {
    done = database.run(
        "DELETE FROM sms_incoming_part WHERE smsc = ? AND source = ? AND destination = ? AND "
        "reference = ? AND total = ?",
        sms.smsc, sms.source, sms.destination, sms.reference, sms.total);
  }
  if (!done) return std::unexpected(done.error());
  if (count != sms.total) return std::nullopt;
  return text;
}

}  // namespace

Result<bool> take_incoming(Database& database, const IncomingSms& sms) {
  IncomingSms whole = sms;
  if (sms.total > 1) {
    auto text = join(database, sms);
    if (!text) return std::unexpected(text.error());
    if (!*text) return false;
    whole.text = std::move(**text);
  }
  if (auto done = store_incoming(database, whole); !done) return std::unexpected(done.error());
  return true;
}

Result<std::vector<messaging::IncomingRow>> list_incoming(Database& database,
                                                          const messaging::SmsFilter& filter) {
  std::vector<messaging::IncomingRow> rows;
  auto done = database.each(
      "SELECT account_id, message_id, smsc, source, destination, text, received_us "
      "FROM sms_incoming WHERE (?1 = 0 OR account_id = ?1) AND (?3 = '' OR source = ?3) "
      "ORDER BY received_us DESC, id DESC LIMIT ?2",
      [&rows](const Statement& row) -> Result<void> {
        messaging::IncomingRow& one = rows.emplace_back();
        one.account = AccountId{row.bits(0)};
        if (!row.is_null(1)) one.answers = MessageKey::parse(row.blob(1));
        one.smsc = row.string(2);
        one.source = row.string(3);
        one.destination = row.string(4);
        one.text = row.string(5);
        one.received_us = row.integer(6);
        return {};
      },
      filter.account, filter.limit, filter.number);
  if (!done) return std::unexpected(done.error());
  return rows;
}

Result<std::vector<messaging::StopRow>> list_stops(Database& database,
                                                   const messaging::SmsFilter& filter) {
  std::vector<messaging::StopRow> rows;
  auto done = database.each(
      "SELECT account_id, number, since_us FROM sms_stop WHERE ?1 = 0 OR account_id IN (0, ?1) "
      "ORDER BY since_us DESC, number LIMIT ?2",
      [&rows](const Statement& row) -> Result<void> {
        rows.push_back({AccountId{row.bits(0)}, row.string(1), row.integer(2)});
        return {};
      },
      filter.account, filter.limit);
  if (!done) return std::unexpected(done.error());
  return rows;
}

Result<std::int64_t> erase_number(Database& database, const std::string& number) {
  if (!number.starts_with('+')) return 0;
  auto done = database.run("DELETE FROM sms_incoming_part WHERE source = ?", number);
  // A word in a list: numbers have nothing in them that LIKE would take for a pattern.
  if (done)
    done = database.run("DELETE FROM sms_orphan WHERE numbers LIKE '%' || ? || '%'", number);
  if (done) done = database.run("DELETE FROM sms_incoming WHERE source = ?", number);
  if (!done) return std::unexpected(done.error());
  return database.changes();
}

}  // namespace sallyport::storage
