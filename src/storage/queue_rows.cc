#include "storage/queue_rows.h"

#include <algorithm>
#include <map>
#include <utility>

#include "storage/keeping_rows.h"
#include "storage/message_reads.h"
#include "storage/message_rows.h"
#include "storage/sms_incoming_rows.h"

namespace sallyport::storage {
namespace {

using messaging::AttemptRow;
using messaging::ChannelKind;
using messaging::DeliveryState;
using messaging::Message;
using messaging::QueueAct;
using messaging::QueueCount;
using messaging::QueueFilter;
using messaging::QueueRow;
using messaging::Story;

// A recipient that its owner no longer wants named.
constexpr const char* kErased = "erased";

Result<void> count_dead(Database& database, std::map<AccountId, QueueCount>& counts) {
  return database.each(
      "SELECT account_id, count(*) FROM recipient INDEXED BY recipient_failed WHERE state = 6 "
      "GROUP BY account_id",
      [&counts](const Statement& row) -> Result<void> {
        counts[AccountId{row.bits(0)}].dead = row.integer(1);
        return {};
      });
}

// The condition that every statement here shares; ?1 to ?6 are bound in this order.
#define QUEUE_WHERE                                             \
  "(?1 IS NULL OR r.message_id = ?1) AND (?2 = 0 OR r.n = ?2) " \
  "AND (?3 = 0 OR r.account_id = ?3) AND (?4 = '' OR "          \
  "substr(r.destination, 1 + instr(r.destination, '@')) = ?4) " \
  "AND (NOT ?5 OR r.next_attempt_us = 9223372036854775807) "

std::optional<MessageKey> key_of(const QueueFilter& filter) {
  if (!filter.message) return std::nullopt;
  return MessageKey(*filter.message);
}
std::optional<Blob> blob_of(const std::optional<MessageKey>& key) {
  if (!key) return std::nullopt;
  return key->blob();
}

QueueRow row_of(const Statement& row) {
  QueueRow one;
  one.message = MessageKey::parse(row.blob(0));
  one.recipient = static_cast<std::int32_t>(row.integer(1));
  one.account = AccountId{row.bits(2)};
  one.channel = static_cast<ChannelKind>(row.integer(3));
  one.state = static_cast<DeliveryState>(row.integer(4));
  one.attempts = static_cast<std::int32_t>(row.integer(5));
  one.next_attempt_us = row.integer(6);
  one.held = one.next_attempt_us == kNever;
  one.last_code = static_cast<std::int32_t>(row.integer(7));
  one.last_text = row.string(8);
  const std::string_view to = row.text(9);
  one.domain = one.channel == ChannelKind::Email ? to.substr(to.rfind('@') + 1) : to.substr(0, 4);
  one.created_us = row.integer(10);
  return one;
}

#define QUEUE_COLUMNS                                                        \
  "SELECT r.message_id, r.n, r.account_id, r.channel, r.state, r.attempts, " \
  "coalesce(r.next_attempt_us, 0), r.last_code, r.last_text, r.destination, m.created_us "

// What stands in for the open recipients that an act changes.
Result<std::int64_t> change_open(Database& database, QueueAct act, const QueueFilter& filter,
                                 std::int64_t now_us) {
  const auto key = key_of(filter);
  Result<void> done;
  if (act == QueueAct::Hold) {
    done = database.run(
        "UPDATE recipient AS r SET next_attempt_us = 9223372036854775807 WHERE " QUEUE_WHERE
        "AND r.state IN (0, 2) AND r.next_attempt_us < 9223372036854775807",
        blob_of(key), filter.recipient, filter.account, filter.domain, filter.held);
  } else if (act == QueueAct::Release) {
    // What is scheduled for later goes back to its time.
    done = database.run(
        "UPDATE recipient AS r SET next_attempt_us = max(?6, (SELECT m.not_before_us FROM message "
        "m WHERE m.id = r.message_id)) WHERE " QUEUE_WHERE
        "AND r.state IN (0, 2) AND r.next_attempt_us = 9223372036854775807",
        blob_of(key), filter.recipient, filter.account, filter.domain, filter.held, now_us);
  } else {  // what is held stays held, and what is scheduled for later has nothing to do again
    done = database.run(
        "UPDATE recipient AS r SET next_attempt_us = ?6 WHERE " QUEUE_WHERE
        "AND r.state IN (0, 2) AND r.next_attempt_us < 9223372036854775807 "
        "AND r.next_attempt_us > ?6 AND ?6 >= (SELECT m.not_before_us FROM message m WHERE "
        "m.id = r.message_id)",
        blob_of(key), filter.recipient, filter.account, filter.domain, filter.held, now_us);
  }
  if (!done) return std::unexpected(done.error());
  return database.changes();
}

// Whole messages only: what is dropped is not sent again. How many do not repeat any more.
Result<std::int64_t> end_repetitions(Database& database, const QueueFilter& filter) {
  if (filter.recipient != 0 || !filter.domain.empty() || filter.held) return 0;
  const auto key = key_of(filter);
  auto done = database.run(
      "UPDATE repetition SET next_us = NULL WHERE next_us IS NOT NULL AND "
      "(?1 IS NULL OR message_id = ?1) AND (?2 = 0 OR ?2 = (SELECT m.account_id FROM message m "
      "WHERE m.id = message_id))",
      blob_of(key), filter.account);
  if (!done) return std::unexpected(done.error());
  return database.changes();
}

Result<std::int64_t> drop_open(Database& database, const QueueFilter& filter, std::int64_t now_us) {
  std::vector<messaging::DeliveryUpdate> updates;
  const auto key = key_of(filter);
  auto done = database.each(
      QUEUE_COLUMNS "FROM recipient r JOIN message m ON m.id = r.message_id WHERE " QUEUE_WHERE
                    "AND r.state IN (0, 2) AND r.next_attempt_us IS NOT NULL",
      [&](const Statement& row) -> Result<void> {
        const QueueRow one = row_of(row);
        updates.push_back({.message = one.message,
                           .recipient = one.recipient,
                           .state = DeliveryState::Failed,
                           .attempts = one.attempts,
                           .time_us = now_us,
                           .code = one.last_code,
                           .text = "dropped by the operator"});
        return {};
      },
      blob_of(key), filter.recipient, filter.account, filter.domain, filter.held);
  if (!done) return std::unexpected(done.error());
  auto moved = update_deliveries(database, updates);
  if (!moved) return std::unexpected(moved.error());
  const auto repetitions = end_repetitions(database, filter);
  if (!repetitions) return repetitions;
  const auto dropped = static_cast<std::int64_t>(updates.size());
  return dropped != 0 ? dropped : *repetitions;
}

struct Place {
  MessageId message;
  std::int32_t recipient = 0;
};

// No index: it is asked once in a long while, and an index would cost at every message. In any
// case: mailboxes that differ in nothing else are one person's.
Result<std::vector<Place>> places_of(Database& database, const std::string& address) {
  std::vector<Place> places;
  auto done = database.each(
      "SELECT message_id, n FROM recipient WHERE destination = ? COLLATE NOCASE "
      "ORDER BY message_id DESC, n",
      [&places](const Statement& row) -> Result<void> {
        places.push_back(
            {MessageKey::parse(row.blob(0)), static_cast<std::int32_t>(row.integer(1))});
        return {};
      },
      address);
  if (!done) return std::unexpected(done.error());
  return places;
}

// Takes one recipient out of a message that has others.
Result<void> erase_one(Database& database, const Place& place, const std::string& address,
                       std::int64_t now_us) {
  const MessageKey key(place.message);
  auto done = update_deliveries(database, {{.message = place.message,
                                            .recipient = place.recipient,
                                            .state = DeliveryState::Failed,
                                            .time_us = now_us,
                                            .text = kErased}});
  if (!done) return std::unexpected(done.error());
  auto changed = database.run(
      "UPDATE recipient SET destination = ?1, last_text = '' WHERE message_id = ?2 AND n = ?3",
      kErased, key.blob(), place.recipient);
  if (changed) {
    changed = database.run("UPDATE attempt SET text = '' WHERE message_id = ? AND n = ?",
                           key.blob(), place.recipient);
  }
  if (changed) {
    changed = database.run("DELETE FROM sms_part WHERE message_id = ? AND n = ?", key.blob(),
                           place.recipient);
  }
  if (!changed) return changed;
  // What the client wrote in `to`: the address, whatever the case of its domain.
  std::string to;
  auto read = database.each(
      "SELECT recipients_text FROM message WHERE id = ?",
      [&to](const Statement& row) -> Result<void> {
        to = row.text(0);
        return {};
      },
      key.blob());
  if (!read) return read;
  std::string lower = to;
  std::string wanted = address;
  const auto lowered = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  std::ranges::transform(lower, lower.begin(), lowered);
  std::ranges::transform(wanted, wanted.begin(), lowered);
  for (std::size_t at = lower.find(wanted); at != std::string::npos; at = lower.find(wanted, at)) {
    to.replace(at, wanted.size(), kErased);
    lower.replace(at, wanted.size(), kErased);
    at += std::string_view(kErased).size();
  }
  return database.run("UPDATE message SET recipients_text = ? WHERE id = ?", to, key.blob());
}

}  // namespace

Result<std::vector<QueueCount>> count_queue(Database& database) {
  std::map<AccountId, QueueCount> counts;
  auto done = database.each(
      "SELECT account_id, state, count(*), sum(next_attempt_us = 9223372036854775807), "
      "min(next_attempt_us) FROM recipient INDEXED BY recipient_open "
      "WHERE next_attempt_us IS NOT NULL GROUP BY account_id, state",
      [&counts](const Statement& row) -> Result<void> {
        QueueCount& count = counts[AccountId{row.bits(0)}];
        const std::int64_t held = row.integer(3);
        const std::int64_t all = row.integer(2) - held;
        count.held += held;
        switch (static_cast<DeliveryState>(row.integer(1))) {
          case DeliveryState::Pending: count.fresh = all; break;
          case DeliveryState::Attempting: count.attempting = all; break;
          default: count.deferred = all; break;
        }
        const std::int64_t oldest = row.integer(4);
        if (oldest != kNever && (count.oldest_us == 0 || oldest < count.oldest_us)) {
          count.oldest_us = oldest;
        }
        return {};
      });
  if (done) done = count_dead(database, counts);
  if (!done) return std::unexpected(done.error());
  std::vector<QueueCount> all;
  for (auto& [account, count] : counts) {
    count.account = account;
    all.push_back(count);
  }
  return all;
}

Result<std::vector<QueueRow>> list_queue(Database& database, const QueueFilter& filter) {
  std::vector<QueueRow> rows;
  const auto key = key_of(filter);
  const auto take = [&rows](const Statement& row) -> Result<void> {
    rows.push_back(row_of(row));
    return {};
  };
  // The open ones of one account after the other, in the order they are due; the dead newest first.
  auto done =
      filter.dead
          ? database.each(QUEUE_COLUMNS
                          "FROM recipient r INDEXED BY recipient_failed JOIN message m ON "
                          "m.id = r.message_id WHERE r.state = 6 AND " QUEUE_WHERE
                          "ORDER BY r.account_id, r.failed_us DESC LIMIT ?6",
                          take, blob_of(key), filter.recipient, filter.account, filter.domain,
                          filter.held, filter.limit)
          : database.each(QUEUE_COLUMNS
                          "FROM recipient r INDEXED BY recipient_open JOIN message m ON "
                          "m.id = r.message_id WHERE r.next_attempt_us IS NOT NULL AND " QUEUE_WHERE
                          "ORDER BY r.account_id, r.state, r.next_attempt_us LIMIT ?6",
                          take, blob_of(key), filter.recipient, filter.account, filter.domain,
                          filter.held, filter.limit);
  if (!done) return std::unexpected(done.error());
  return rows;
}

Result<std::int64_t> act_on_queue(Database& database, QueueAct act, const QueueFilter& filter,
                                  std::optional<MessageId> copy, std::int64_t now_us) {
  if (act == QueueAct::Drop) return drop_open(database, filter, now_us);
  if (act != QueueAct::Retry || !copy) return change_open(database, act, filter, now_us);
  // A dead letter stays what it is: its recipients are sent a message of their own.
  const MessageKey key(*copy);
  auto copied = copy_message(database, *filter.message, *copy, now_us, true);
  if (!copied || !*copied)
    return copied ? Result<std::int64_t>(0) : std::unexpected(copied.error());
  if (filter.recipient != 0) {
    auto only = database.run("DELETE FROM recipient WHERE message_id = ? AND n <> ?", key.blob(),
                             filter.recipient);
    if (!only) return std::unexpected(only.error());
  }
  std::int64_t count = 0;
  auto counted = database.each(
      "SELECT count(*) FROM recipient WHERE message_id = ?",
      [&count](const Statement& row) -> Result<void> {
        count = row.integer(0);
        return {};
      },
      key.blob());
  if (!counted) return std::unexpected(counted.error());
  if (count == 0) {
    if (auto gone = delete_message(database, *copy); !gone) return std::unexpected(gone.error());
  }
  return count;
}

Result<std::optional<Story>> message_story(Database& database, MessageId id) {
  auto message = load_message(database, id);
  if (!message) return std::unexpected(message.error());
  if (!*message) return std::nullopt;
  Story story{.message = std::move(**message)};
  story.message.content.body.clear();
  story.message.content.email.reset();
  const MessageKey key(id);
  auto done = database.each(
      "SELECT n, number, started_us, ended_us, result, code, text, via FROM attempt "
      "WHERE message_id = ? ORDER BY n, number",
      [&story](const Statement& row) -> Result<void> {
        story.attempts.push_back(
            {static_cast<std::int32_t>(row.integer(0)), static_cast<std::int32_t>(row.integer(1)),
             row.integer(2), row.integer(3), static_cast<DeliveryState>(row.integer(4)),
             static_cast<std::int32_t>(row.integer(5)), row.string(6), row.string(7)});
        return {};
      },
      key.blob());
  if (done) {
    done = database.each(
        "SELECT remaining, next_us FROM repetition WHERE message_id = ? AND next_us IS NOT NULL",
        [&story](const Statement& row) -> Result<void> {
          story.repeats_left = static_cast<std::int32_t>(row.integer(0));
          story.repeats_us = row.integer(1);
          return {};
        },
        key.blob());
  }
  if (!done) return std::unexpected(done.error());
  return story;
}

Result<std::vector<Message>> messages_to(Database& database, const std::string& address) {
  auto places = places_of(database, address);
  if (!places) return std::unexpected(places.error());
  std::vector<Message> messages;
  for (const Place& place : *places) {
    if (!messages.empty() && messages.back().id == place.message) continue;
    auto message = load_message(database, place.message);
    if (!message) return std::unexpected(message.error());
    if (*message) messages.push_back(std::move(**message));
  }
  return messages;
}

Result<std::int64_t> erase_address(Database& database, const std::string& address,
                                   std::int64_t now_us) {
  auto places = places_of(database, address);
  if (!places) return std::unexpected(places.error());
  for (const Place& place : *places) {
    const MessageKey key(place.message);
    std::int64_t others = 0;
    auto counted = database.each(
        "SELECT count(*) FROM recipient WHERE message_id = ? AND n <> ? AND destination <> ?",
        [&others](const Statement& row) -> Result<void> {
          others = row.integer(0);
          return {};
        },
        key.blob(), place.recipient, kErased);
    if (!counted) return std::unexpected(counted.error());
    auto done = others == 0 ? delete_message(database, place.message)
                            : erase_one(database, place, address, now_us);
    if (!done) return std::unexpected(done.error());
  }
  auto written = erase_number(database, address);
  if (!written) return written;
  return static_cast<std::int64_t>(places->size()) + *written;
}

}  // namespace sallyport::storage
