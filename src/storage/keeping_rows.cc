#include "storage/keeping_rows.h"

#include <string>
#include <utility>

#include "storage/message_rows.h"

namespace sallyport::storage {
namespace {

using messaging::ChannelKind;
using messaging::InDoubtPolicies;
using messaging::MessageClass;
using messaging::Repetition;
using messaging::RepetitionDue;
using messaging::Retention;

// One transaction; the next follows at once.
constexpr std::int64_t kPurgedAtOnce = 200;
constexpr std::int64_t kRepetitionsAtOnce = 100;

// Account by account, so that a million that wait are not looked at for the few that do not.
#define UNDER_WAY                                                    \
  "FROM account a CROSS JOIN recipient r INDEXED BY recipient_open " \
  "ON r.account_id = a.id AND r.state = 1 JOIN message m ON "        \
  "m.id = r.message_id WHERE r.next_attempt_us IS NOT NULL "

Result<std::int64_t> recover_channel(Database& database, std::int64_t now_us, ChannelKind channel,
                                     MessageClass kind, bool again) {
  // The story first: it needs the state that the second statement changes.
  auto told = database.run(
      "INSERT INTO attempt (message_id, n, number, started_us, ended_us, result, code, text, via) "
      "SELECT r.message_id, r.n, 1 + coalesce((SELECT max(number) FROM attempt a WHERE "
      "a.message_id = r.message_id AND a.n = r.n), 0), 0, ?1, 7, 0, "
      "'the server ended during the attempt', '' " UNDER_WAY "AND r.channel = ?2 AND m.kind = ?3",
      now_us, static_cast<int>(channel), static_cast<int>(kind));
  if (!told) return std::unexpected(told.error());
  auto done = database.run(
      "UPDATE recipient SET state = CASE WHEN ?1 THEN 2 ELSE 7 END, "
      "next_attempt_us = CASE WHEN ?1 THEN ?2 END WHERE (message_id, n) IN "
      "(SELECT r.message_id, r.n " UNDER_WAY "AND r.channel = ?3 AND m.kind = ?4)",
      again, now_us, static_cast<int>(channel), static_cast<int>(kind));
  if (!done) return std::unexpected(done.error());
  return database.changes();
}

#undef UNDER_WAY

Result<std::optional<std::int64_t>> first_number(Result<Statement> row) {
  if (!row) return std::unexpected(row.error());
  auto found = row->step();
  if (!found) return std::unexpected(found.error());
  if (!*found || row->is_null(0)) return std::nullopt;
  return row->integer(0);
}

}  // namespace

Result<std::int64_t> recover_attempts(Database& database, std::int64_t now_us,
                                      InDoubtPolicies policies) {
  std::int64_t all = 0;
  for (const ChannelKind channel : {ChannelKind::Email, ChannelKind::Sms}) {
    for (const MessageClass kind : {MessageClass::Transactional, MessageClass::Marketing}) {
      auto count = recover_channel(database, now_us, channel, kind,
                                   messaging::tries_again(policies.of(channel), kind));
      if (!count) return count;
      all += *count;
    }
  }
  return all;
}

Result<std::vector<RepetitionDue>> due_repetitions(Database& database, std::int64_t now_us) {
  std::vector<RepetitionDue> due;
  auto done = database.each(
      "SELECT r.message_id, r.remaining, r.days, r.hours, r.minutes, r.zone, r.next_us, "
      "m.not_before_us "
      "FROM repetition r JOIN message m ON m.id = r.message_id JOIN account a ON "
      "a.id = m.account_id WHERE r.next_us <= ? AND a.status = 'active' "
      "ORDER BY r.next_us LIMIT ?",
      [&due](const Statement& row) -> Result<void> {
        due.push_back({MessageKey::parse(row.blob(0)),
                       Repetition{static_cast<std::int32_t>(row.integer(1)),
                                  static_cast<std::int32_t>(row.integer(2)),
                                  static_cast<std::int32_t>(row.integer(3)),
                                  static_cast<std::int32_t>(row.integer(4)), row.string(5)},
                       row.integer(6), row.integer(7)});
        return {};
      },
      now_us, kRepetitionsAtOnce);
  if (!done) return std::unexpected(done.error());
  return due;
}

Result<std::optional<std::int64_t>> next_repetition(Database& database) {
  return first_number(
      database.query("SELECT min(next_us) FROM repetition WHERE next_us IS NOT NULL"));
}

Result<bool> copy_message(Database& database, MessageId id, MessageId copy, std::int64_t now_us,
                          bool failed_only) {
  const MessageKey from(id);
  const MessageKey to(copy);
  // Valid for as long as the one before was.
  auto done = database.run(
      "INSERT INTO message (id, account_id, workspace_id, user_id, application_id, environment, "
      "from_name, username, created_us, label, recipients_text, subject, sender, kind, "
      "not_before_us, expires_us, sms_sender) SELECT ?1, account_id, workspace_id, user_id, "
      "application_id, "
      "environment, from_name, username, ?3, label, recipients_text, subject, sender, kind, 0, "
      "CASE WHEN expires_us = 0 THEN 0 ELSE ?3 + expires_us - max(created_us, not_before_us) END, "
      "sms_sender FROM message WHERE id = ?2",
      to.blob(), from.blob(), now_us);
  if (!done) return std::unexpected(done.error());
  if (database.changes() != 1) return false;
  done = database.run(
      "INSERT INTO message_content (message_id, body, email_body, email_footer, email_type, "
      "unsubscribe_url, one_click, type, receipts) SELECT ?1, body, email_body, email_footer, "
      "email_type, unsubscribe_url, one_click, type, receipts FROM message_content "
      "WHERE message_id = ?2",
      to.blob(), from.blob());
  if (done) {
    done = database.run(
        "INSERT INTO message_attachment (message_id, n, name, description, content) "
        "SELECT ?1, n, name, description, content FROM message_attachment WHERE message_id = ?2",
        to.blob(), from.blob());
  }
  if (done) {
    done = database.run(
        "INSERT INTO recipient (message_id, n, account_id, channel, state, next_attempt_us, "
        "attempts, sent_us, delivered_us, failed_us, last_code, last_text, destination) "
        "SELECT ?1, n, account_id, channel, 0, ?3, 0, 0, 0, 0, 0, '', destination FROM recipient "
        "WHERE message_id = ?2 AND (state = 6 OR NOT ?4) AND destination <> 'erased'",
        to.blob(), from.blob(), now_us, failed_only);
  }
  if (!done) return std::unexpected(done.error());
  return true;
}

Result<bool> repeat_message(Database& database, MessageId id, MessageId copy, std::int64_t now_us,
                            std::int64_t next_us) {
  const MessageKey key(id);
  auto done = database.run(
      "UPDATE repetition SET remaining = remaining - 1, next_us = CASE WHEN remaining > 1 AND "
      "?2 > 0 THEN ?2 END WHERE message_id = ?1 AND next_us IS NOT NULL",
      key.blob(), next_us);
  if (!done) return std::unexpected(done.error());
  if (database.changes() != 1) return false;
  return copy_message(database, id, copy, now_us);
}

Result<std::vector<AccountId>> account_ids(Database& database) {
  std::vector<AccountId> ids;
  auto done = database.each("SELECT id FROM account", [&ids](const Statement& row) -> Result<void> {
    ids.push_back(AccountId{row.bits(0)});
    return {};
  });
  if (!done) return std::unexpected(done.error());
  return ids;
}

Result<void> delete_message(Database& database, MessageId id) {
  const MessageKey key(id);
  auto done = database.run("DELETE FROM attempt WHERE message_id = ?", key.blob());
  if (done) done = database.run("DELETE FROM sms_part WHERE message_id = ?", key.blob());
  if (done) done = database.run("DELETE FROM message WHERE id = ?", key.blob());
  return done;
}

Result<std::int64_t> purge_messages(Database& database, const Retention& retention) {
  std::vector<MessageId> old;
  auto done = database.each(
      "SELECT m.id FROM workspace w JOIN message m INDEXED BY message_list ON "
      "m.account_id = w.account_id AND m.workspace_id = w.id WHERE w.account_id = ?1 "
      "AND m.created_us < ?2 AND NOT EXISTS (SELECT 1 FROM recipient r WHERE "
      "r.message_id = m.id AND r.state < 3) AND NOT EXISTS (SELECT 1 FROM repetition p WHERE "
      "p.message_id = m.id AND p.next_us IS NOT NULL) LIMIT ?3",
      [&old](const Statement& row) -> Result<void> {
        old.push_back(MessageKey::parse(row.blob(0)));
        return {};
      },
      retention.account, retention.before_us, kPurgedAtOnce);
  for (const MessageId id : old) {
    if (done) done = delete_message(database, id);
  }
  if (done) {
    done = database.run("DELETE FROM sms_incoming WHERE account_id = ? AND received_us < ?",
                        retention.account, retention.before_us);
  }
  if (!done) return std::unexpected(done.error());
  return static_cast<std::int64_t>(old.size());
}

}  // namespace sallyport::storage
