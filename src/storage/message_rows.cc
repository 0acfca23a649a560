#include "storage/message_rows.h"

#include <algorithm>
#include <optional>
#include <string>

#include "messaging/repetition.h"

namespace sallyport::storage {
namespace {

using messaging::ChannelKind;
using messaging::DeliveryState;
using messaging::DeliveryUpdate;
using messaging::Idempotency;
using messaging::InsertOutcome;
using messaging::Message;

// The schema has these numbers.
static_assert(static_cast<int>(ChannelKind::Email) == 0);
static_assert(static_cast<int>(ChannelKind::Sms) == 1);
static_assert(static_cast<int>(DeliveryState::Pending) == 0);
static_assert(static_cast<int>(DeliveryState::Attempting) == 1);
static_assert(static_cast<int>(DeliveryState::Deferred) == 2);
static_assert(static_cast<int>(DeliveryState::Sent) == 3);
static_assert(static_cast<int>(DeliveryState::Delivered) == 4);
static_assert(static_cast<int>(DeliveryState::Read) == 5);
static_assert(static_cast<int>(DeliveryState::Failed) == 6);
static_assert(static_cast<int>(DeliveryState::InDoubt) == 7);

constexpr int kAccepted = 202;
constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kDayUs = 1440 * kMinuteUs;
// More than one, so that old ones go faster than new ones come.
constexpr int kExpiredPerInsert = 2;

constexpr std::int64_t bit(DeliveryState state) { return 1LL << static_cast<int>(state); }
constexpr std::int64_t kOpen =
    bit(DeliveryState::Pending) | bit(DeliveryState::Attempting) | bit(DeliveryState::Deferred);

// From which states each one may be reached. A receipt may overtake the record of what it is about.
std::int64_t reached_from(DeliveryState state) {
  constexpr std::int64_t kUnreported = kOpen | bit(DeliveryState::InDoubt);
  switch (state) {
    case DeliveryState::Pending: return 0;
    case DeliveryState::Attempting: return kOpen & ~bit(DeliveryState::Attempting);
    case DeliveryState::Deferred: return kOpen;
    case DeliveryState::Sent: return kUnreported;
    case DeliveryState::Delivered: return kUnreported | bit(DeliveryState::Sent);
    case DeliveryState::Read:
      return kUnreported | bit(DeliveryState::Sent) | bit(DeliveryState::Delivered);
    case DeliveryState::Failed: return kUnreported | bit(DeliveryState::Sent);  // a late bounce
    case DeliveryState::InDoubt: return bit(DeliveryState::Attempting);
  }
  return 0;
}

std::string_view bytes_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

Result<std::optional<InsertOutcome>> earlier(Database& database, const Idempotency& idempotency,
                                             std::int64_t now_us) {
  auto row = database.query(
      "SELECT body_hash, resource_id FROM idempotency "
      "WHERE scope = ? AND key = ? AND expires_us > ?",
      idempotency.scope, idempotency.key, now_us);
  if (!row) return std::unexpected(row.error());
  auto found = row->step();
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  const bool same = row->blob(0) == bytes_of(idempotency.body_hash);
  return InsertOutcome{same ? InsertOutcome::Kind::Replayed : InsertOutcome::Kind::Conflict,
                       MessageKey::parse(row->blob(1))};
}

Result<void> remember(Database& database, const Idempotency& idempotency, const MessageKey& key,
                      std::int64_t now_us) {
  auto done = database.run(
      "INSERT INTO idempotency (scope, key, body_hash, status, resource_id, expires_us) "
      "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (scope, key) DO UPDATE SET "
      "body_hash = excluded.body_hash, status = excluded.status, "
      "resource_id = excluded.resource_id, expires_us = excluded.expires_us",
      idempotency.scope, idempotency.key, Blob{bytes_of(idempotency.body_hash)}, kAccepted,
      key.blob(), idempotency.expires_us);
  if (!done) return done;
  return database.run(
      "DELETE FROM idempotency WHERE (scope, key) IN (SELECT scope, key FROM idempotency "
      "WHERE expires_us <= ? ORDER BY expires_us LIMIT ?)",
      now_us, kExpiredPerInsert);
}

Result<void> check_recipients(const Message& message) {
  std::int32_t last = 0;
  for (const auto& recipient : message.recipients) {
    if (recipient.index <= last) return fail(ErrorKind::Internal, "recipients are not in order");
    last = recipient.index;
  }
  return {};
}

Result<void> insert_head(Database& database, const Message& message, const MessageKey& key) {
  auto done = database.run(
      "INSERT INTO message (id, account_id, workspace_id, user_id, application_id, environment, "
      "from_name, username, created_us, label, recipients_text, subject, sender, kind, "
      "not_before_us, expires_us, sms_sender) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?, ?)",
      key.blob(), message.account, message.workspace, message.user, message.application,
      to_string(message.environment), message.from_name, message.username, message.created_us,
      message.content.label, message.content.to, message.content.subject, message.sender,
      static_cast<int>(message.kind), message.not_before_us, message.expires_us,
      message.sms_sender);
  if (done || done.error().kind != ErrorKind::Conflict) return done;
  if (done.error().message.find("FOREIGN KEY") != std::string::npos) {
    return fail(ErrorKind::NotFound, "the account has no such workspace");
  }
  return fail(ErrorKind::Conflict, "there is a message of this id");
}

Result<void> insert_content(Database& database, const Message& message, const MessageKey& key) {
  const auto& content = message.content;
  const int type = static_cast<int>(content.type);
  const int receipts = static_cast<int>(content.receipts);
  if (!content.email) {
    return database.run(
        "INSERT INTO message_content (message_id, body, type, receipts) VALUES (?, ?, ?, ?)",
        key.blob(), content.body, type, receipts);
  }
  auto done = database.run(
      "INSERT INTO message_content (message_id, body, email_body, email_footer, email_type, "
      "unsubscribe_url, one_click, type, receipts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
      key.blob(), content.body, content.email->body, content.email->footer, content.email->type,
      content.email->unsubscribe_url, content.email->one_click, type, receipts);
  const auto& attachments = content.email->attachments;
  for (std::size_t n = 0; done && n < attachments.size(); ++n) {
    done = database.run(
        "INSERT INTO message_attachment (message_id, n, name, description, content) "
        "VALUES (?, ?, ?, ?, ?)",
        key.blob(), n, attachments[n].name, attachments[n].description,
        Blob{attachments[n].content});
  }
  return done;
}

Result<void> insert_recipients(Database& database, const Message& message, const MessageKey& key) {
  for (const auto& r : message.recipients) {
    auto done = database.run(
        "INSERT INTO recipient (message_id, n, account_id, channel, state, next_attempt_us, "
        "attempts, sent_us, delivered_us, failed_us, last_code, last_text, destination) "
        "VALUES (?1, ?2, ?3, ?4, ?5, CASE WHEN ?5 < 3 THEN ?6 END, ?7, ?8, ?9, ?10, ?11, ?12, "
        "?13)",
        key.blob(), r.index, message.account, static_cast<int>(r.channel),
        static_cast<int>(r.state), r.next_attempt_us, r.attempts, r.sent_us, r.delivered_us,
        r.failed_us, r.last_code, r.last_text, r.destination);
    if (!done) return done;
  }
  return {};
}

// The account's own limits, in the transaction of the message: what is refused counts nothing.
Result<std::optional<InsertOutcome>> guarded(Database& database, const Message& message,
                                             const messaging::SendGuard& guard) {
  if (!guard.guards()) return std::nullopt;
  const std::int64_t minute = message.created_us / kMinuteUs;
  const std::int64_t day = message.created_us / kDayUs;
  const auto units = static_cast<std::int64_t>(guard.email) + guard.sms;
  std::int64_t in_minute = 0;
  std::int64_t in_day = 0;
  std::int64_t sms_in_day = 0;
  auto done = database.each(
      "SELECT minute, minute_count, day, day_count, sms_day_count FROM send_count "
      "WHERE account_id = ?",
      [&](const Statement& row) -> Result<void> {
        if (row.integer(0) >= minute) in_minute = row.integer(1);
        if (row.integer(2) < day) return {};
        in_day = row.integer(3);
        sms_in_day = row.integer(4);
        return {};
      },
      message.account);
  if (!done) return std::unexpected(done.error());
  if (guard.per_minute && in_minute + units > *guard.per_minute) {
    return InsertOutcome{InsertOutcome::Kind::OverRate, {}};
  }
  if ((guard.per_day && in_day + units > *guard.per_day) ||
      (guard.sms_per_day && guard.sms > 0 && sms_in_day + guard.sms > *guard.sms_per_day)) {
    return InsertOutcome{InsertOutcome::Kind::OverQuota, {}};
  }
  // A clock that goes back counts into the period that it had reached.
  done = database.run(
      "INSERT INTO send_count (account_id, minute, minute_count, day, day_count, sms_day_count) "
      "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (account_id) DO UPDATE SET "
      "minute = max(minute, ?2), minute_count = ?3, day = max(day, ?4), day_count = ?5, "
      "sms_day_count = ?6",
      message.account, minute, in_minute + units, day, in_day + units, sms_in_day + guard.sms);
  if (!done) return std::unexpected(done.error());
  return std::nullopt;
}

Result<void> insert_repetition(Database& database, const Message& message, const MessageKey& key) {
  const auto& r = message.repetition;
  if (r.count <= 0) return {};
  const std::int64_t first = std::max(message.not_before_us, message.created_us);
  const auto next = messaging::next_repetition_us(r, first, message.not_before_us);
  return database.run(
      "INSERT INTO repetition (message_id, next_us, remaining, count, days, hours, minutes, zone) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      key.blob(), next, r.count, r.count, r.days, r.hours, r.minutes, r.zone);
}

// The end of an attempt as a row of the message's story.
Result<void> tell_attempt(Database& database, const DeliveryUpdate& update, const MessageKey& key) {
  if (update.started_us == 0) return {};
  const int result =
      update.in_doubt ? static_cast<int>(DeliveryState::InDoubt) : static_cast<int>(update.state);
  return database.run(
      "INSERT INTO attempt (message_id, n, number, started_us, ended_us, result, code, text, "
      "via) SELECT ?1, ?2, 1 + coalesce(max(number), 0), ?3, ?4, ?5, ?6, ?7, ?8 FROM attempt "
      "WHERE message_id = ?1 AND n = ?2",
      key.blob(), update.recipient, update.started_us, update.time_us, result, update.code,
      update.text, update.via);
}

// A receipt came before the record of what it is about: that was an attempt all the same.
Result<void> overtaken(Database& database, const DeliveryUpdate& update, const MessageKey& key) {
  if (update.started_us == 0 || update.state != DeliveryState::Sent) return {};
  auto done = database.run(
      "UPDATE recipient SET sent_us = min(?1, delivered_us) WHERE message_id = ?2 AND n = ?3 "
      "AND state IN (4, 5) AND sent_us = 0",
      update.time_us, key.blob(), update.recipient);
  if (!done || database.changes() != 1) return done;
  return tell_attempt(database, update, key);
}

// An attempt's end, and what an event tells of an end for good: no address and nobody's words.
Result<void> tell(Database& database, const DeliveryUpdate& update, const MessageKey& key) {
  if (auto done = tell_attempt(database, update, key); !done) return done;
  if (!messaging::is_final(update.state)) return {};
  const std::string kind = "message." + std::string(messaging::to_string(update.state));
  const std::string subject =
      "message " + update.message.hex() + "-" + std::to_string(update.recipient);
  const std::string json = "{\"code\":" + std::to_string(update.code) + "}";
  return database.run(
      "INSERT INTO event (time_us, kind, subject, account_id, json) "
      "VALUES (?1, ?2, ?3, (SELECT account_id FROM message WHERE id = ?4), ?5)",
      update.time_us, kind, subject, key.blob(), json);
}

Result<bool> update_delivery(Database& database, const DeliveryUpdate& update) {
  const MessageKey key(update.message);
  // A beginning attempt keeps the last answer and the time it was due; an end has its own. What is
  // put off without an attempt keeps the answer too.
  auto done = database.run(
      "UPDATE recipient SET state = ?1, "
      "attempts = CASE WHEN ?10 THEN ?2 ELSE max(attempts, ?2) END, "
      "next_attempt_us = CASE ?1 WHEN 2 THEN ?3 WHEN 1 THEN next_attempt_us END, "
      "sent_us = CASE WHEN ?1 = 3 AND sent_us = 0 THEN ?4 ELSE sent_us END, "
      "delivered_us = CASE WHEN ?1 IN (4, 5) AND delivered_us = 0 THEN ?4 ELSE delivered_us END, "
      "failed_us = CASE WHEN ?1 = 6 THEN ?4 ELSE failed_us END, "
      "last_code = CASE WHEN ?1 = 1 OR (?1 = 2 AND ?6 = '') THEN last_code ELSE ?5 END, "
      "last_text = CASE WHEN ?1 = 1 OR (?1 = 2 AND ?6 = '') THEN last_text ELSE ?6 END "
      "WHERE message_id = ?7 AND n = ?8 AND (?9 >> state) & 1",
      static_cast<int>(update.state), update.attempts, update.next_attempt_us, update.time_us,
      update.code, update.text, key.blob(), update.recipient, reached_from(update.state),
      update.started_us != 0);
  if (!done) return std::unexpected(done.error());
  if (database.changes() != 1) {
    if (auto told = overtaken(database, update, key); !told) return std::unexpected(told.error());
    return false;
  }
  if (auto told = tell(database, update, key); !told) return std::unexpected(told.error());
  return true;
}

}  // namespace

MessageKey::MessageKey(MessageId id) {
  for (std::size_t i = 0; i < 8; ++i) {
    const auto shift = 8 * (7 - i);
    bytes_[i] = static_cast<char>((id.high >> shift) & 0xFFU);
    bytes_[8 + i] = static_cast<char>((id.low >> shift) & 0xFFU);
  }
}

MessageId MessageKey::parse(std::string_view bytes) {
  MessageId id;
  if (bytes.size() != 16) return id;
  for (std::size_t i = 0; i < 8; ++i) {
    id.high = (id.high << 8U) | static_cast<unsigned char>(bytes[i]);
    id.low = (id.low << 8U) | static_cast<unsigned char>(bytes[8 + i]);
  }
  return id;
}

Result<InsertOutcome> insert_message(Database& database, const Message& message,
                                     const Idempotency& idempotency,
                                     const messaging::SendGuard& guard) {
  if (auto checked = check_recipients(message); !checked) {
    return std::unexpected(checked.error());
  }
  const bool keyed = !idempotency.key.empty();
  if (keyed) {
    auto before = earlier(database, idempotency, message.created_us);
    if (!before) return std::unexpected(before.error());
    if (before->has_value()) return **before;
  }
  auto stopped = guarded(database, message, guard);
  if (!stopped) return std::unexpected(stopped.error());
  if (stopped->has_value()) return **stopped;
  const MessageKey key(message.id);
  auto done = insert_head(database, message, key);
  if (done) done = insert_repetition(database, message, key);
  if (done) done = insert_content(database, message, key);
  if (done) done = insert_recipients(database, message, key);
  if (done && keyed) done = remember(database, idempotency, key, message.created_us);
  if (!done) return std::unexpected(done.error());
  return InsertOutcome{InsertOutcome::Kind::Stored, message.id};
}

Result<bool> update_deliveries(Database& database, const std::vector<DeliveryUpdate>& updates) {
  bool all = true;
  for (const auto& update : updates) {
    auto moved = update_delivery(database, update);
    if (!moved) return moved;
    all = all && *moved;
  }
  return all;
}

}  // namespace sallyport::storage
