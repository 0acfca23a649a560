#include "storage/message_rows.h"

#include <optional>
#include <string>

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
      "from_name, username, created_us, label, recipients_text, subject) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      key.blob(), message.account, message.workspace, message.user, message.application,
      to_string(message.environment), message.from_name, message.username, message.created_us,
      message.content.label, message.content.to, message.content.subject);
  if (done || done.error().kind != ErrorKind::Conflict) return done;
  if (done.error().message.find("FOREIGN KEY") != std::string::npos) {
    return fail(ErrorKind::NotFound, "the account has no such workspace");
  }
  return fail(ErrorKind::Conflict, "there is a message of this id");
}

Result<void> insert_content(Database& database, const Message& message, const MessageKey& key) {
  const auto& content = message.content;
  if (!content.email) {
    return database.run("INSERT INTO message_content (message_id, body) VALUES (?, ?)", key.blob(),
                        content.body);
  }
  auto done = database.run(
      "INSERT INTO message_content (message_id, body, email_body, email_footer, email_type) "
      "VALUES (?, ?, ?, ?, ?)",
      key.blob(), content.body, content.email->body, content.email->footer, content.email->type);
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

Result<bool> update_delivery(Database& database, const DeliveryUpdate& update) {
  const MessageKey key(update.message);
  // A beginning attempt keeps the last answer and the time it was due; an end has its own.
  auto done = database.run(
      "UPDATE recipient SET state = ?1, attempts = max(attempts, ?2), "
      "next_attempt_us = CASE ?1 WHEN 2 THEN ?3 WHEN 1 THEN next_attempt_us END, "
      "sent_us = CASE WHEN ?1 = 3 AND sent_us = 0 THEN ?4 ELSE sent_us END, "
      "delivered_us = CASE WHEN ?1 IN (4, 5) AND delivered_us = 0 THEN ?4 ELSE delivered_us END, "
      "failed_us = CASE WHEN ?1 = 6 THEN ?4 ELSE failed_us END, "
      "last_code = CASE WHEN ?1 = 1 THEN last_code ELSE ?5 END, "
      "last_text = CASE WHEN ?1 = 1 THEN last_text ELSE ?6 END "
      "WHERE message_id = ?7 AND n = ?8 AND (?9 >> state) & 1",
      static_cast<int>(update.state), update.attempts, update.next_attempt_us, update.time_us,
      update.code, update.text, key.blob(), update.recipient, reached_from(update.state));
  if (!done) return std::unexpected(done.error());
  return database.changes() == 1;
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
                                     const Idempotency& idempotency) {
  if (auto checked = check_recipients(message); !checked) {
    return std::unexpected(checked.error());
  }
  const bool keyed = !idempotency.key.empty();
  if (keyed) {
    auto before = earlier(database, idempotency, message.created_us);
    if (!before) return std::unexpected(before.error());
    if (before->has_value()) return **before;
  }
  const MessageKey key(message.id);
  auto done = insert_head(database, message, key);
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

Result<std::int64_t> recover_attempts(Database& database, std::int64_t now_us) {
  auto done = database.run(
      "UPDATE recipient INDEXED BY recipient_open SET state = 2, next_attempt_us = ? "
      "WHERE state = 1 AND next_attempt_us IS NOT NULL",
      now_us);
  if (!done) return std::unexpected(done.error());
  return database.changes();
}

}  // namespace sallyport::storage
