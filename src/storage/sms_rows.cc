#include "storage/sms_rows.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/encoding.h"
#include "storage/message_rows.h"

namespace sallyport::storage {
namespace {

using messaging::AcceptedPart;
using messaging::DeliveryState;
using messaging::DeliveryUpdate;
using messaging::PartReport;
using messaging::SmsDispatch;

constexpr std::int64_t kDayUs = 86'400'000'000;
constexpr std::size_t kComparedDigits = 9;  // of numbers: some networks leave the country out
constexpr std::size_t kTellingId = 10;      // an id so long is not another message's by chance
constexpr std::int64_t kPartsOfOneId = 20;  // looked at

std::string digits_of(std::string_view text) {
  std::string digits;
  std::ranges::copy_if(text, std::back_inserter(digits),
                       [](char c) { return c >= '0' && c <= '9'; });
  return digits;
}

bool same_number(std::string_view a, std::string_view b) {
  const std::string x = digits_of(a);
  const std::string y = digits_of(b);
  const std::size_t count = std::min({x.size(), y.size(), kComparedDigits});
  if (count < 6) return x == y && !x.empty();
  return x.substr(x.size() - count) == y.substr(y.size() - count);
}

bool is_about(const std::vector<std::string>& numbers, std::string_view number) {
  return std::ranges::any_of(numbers,
                             [number](const std::string& one) { return same_number(one, number); });
}

struct PartRow {
  MessageId message;
  std::int32_t recipient = 0;
  std::int32_t part = 0;
  std::int32_t parts = 0;
  std::string number;
  bool open = false;
};

// Everything that the receipt can mean, likeliest first. Ids come again after a while, so the
// newest of the same id goes before.
Result<std::vector<PartRow>> candidates(Database& database, const PartReport& report) {
  std::vector<PartRow> rows;
  for (const std::string& key : report.keys) {
    auto done = database.each(
        "SELECT message_id, n, part, parts, number, state FROM sms_part WHERE smsc = ? AND "
        "id_key = ? ORDER BY state <> 0, accepted_us DESC LIMIT ?",
        [&rows](const Statement& row) -> Result<void> {
          rows.push_back({MessageKey::parse(row.blob(0)), static_cast<std::int32_t>(row.integer(1)),
                          static_cast<std::int32_t>(row.integer(2)),
                          static_cast<std::int32_t>(row.integer(3)), row.string(4),
                          row.integer(5) == 0});
          return {};
        },
        report.smsc, key, kPartsOfOneId);
    if (!done) return std::unexpected(done.error());
  }
  return rows;
}

// One id can be two numbers, in hexadecimal and in decimal: then the recipient's tells. Without
// one, or where it is disguised, an id must be long enough to be nobody else's.
const PartRow* choose(const std::vector<PartRow>& rows, const PartReport& report) {
  const PartRow* settled = nullptr;
  for (const PartRow& row : rows) {
    if (!is_about(report.numbers, row.number)) continue;
    if (row.open) return &row;
    if (settled == nullptr) settled = &row;
  }
  if (settled != nullptr) return settled;
  if (report.id.size() < kTellingId && !report.numbers.empty()) return nullptr;
  return rows.empty() ? nullptr : &rows.front();
}

std::string words_of(const PartReport& report, const PartRow& row) {
  std::string text = report.word;
  if (!report.delivered && report.error != 0) text += ", error " + std::to_string(report.error);
  if (!report.delivered && row.parts > 1) {
    text += ", part " + std::to_string(row.part) + " of " + std::to_string(row.parts);
  }
  return text;
}

// The part's last word, and the recipient's where it follows.
Result<void> settle(Database& database, const PartRow& row, const PartReport& report) {
  const MessageKey key(row.message);
  auto done = database.run(
      "UPDATE sms_part SET state = ?1 WHERE message_id = ?2 AND n = ?3 AND part = ?4 AND state = 0",
      report.delivered ? 1 : 2, key.blob(), row.recipient, row.part);
  if (!done || database.changes() != 1) return done;  // the same receipt again
  if (report.delivered) {
    std::int64_t arrived = 0;
    done = database.each(
        "SELECT count(*) FROM sms_part WHERE message_id = ? AND n = ? AND state = 1",
        [&arrived](const Statement& counted) -> Result<void> {
          arrived = counted.integer(0);
          return {};
        },
        key.blob(), row.recipient);
    if (!done || arrived < row.parts) return done;
  }
  auto moved = update_deliveries(
      database, {{.message = row.message,
                  .recipient = row.recipient,
                  .state = report.delivered ? DeliveryState::Delivered : DeliveryState::Failed,
                  .time_us = report.time_us,
                  .code = report.delivered ? 0 : report.error,
                  .text = words_of(report, row)}});
  if (!moved) return std::unexpected(moved.error());
  return {};
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

Result<void> keep_orphan(Database& database, const PartReport& report) {
  auto done = database.run("DELETE FROM sms_orphan WHERE received_us < ?", report.time_us - kDayUs);
  for (const std::string& key : report.keys) {
    if (!done) break;
    done = database.run(
        "INSERT OR IGNORE INTO sms_orphan (smsc, id_key, receipt, numbers, delivered, word, error, "
        "received_us) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        report.smsc, key, report.id, joined(report.numbers), report.delivered, report.word,
        report.error, report.time_us);
  }
  return done;
}

// Nothing is kept of a recipient who was erased meanwhile.
#define PART_ROW                                                                          \
  " INTO sms_part (message_id, n, part, parts, account_id, smsc, id_key, number, state, " \
  "accepted_us) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9 FROM recipient WHERE "       \
  "message_id = ?1 AND n = ?2 AND destination = ?8"
constexpr Sql kReplacePart = "INSERT OR REPLACE" PART_ROW;
constexpr Sql kKeepPart = "INSERT OR IGNORE" PART_ROW;  // it may have been accepted once more
#undef PART_ROW

// With its last part a recipient is sent, as it would have been then.
Result<void> end_doubt(Database& database, const AcceptedPart& part, const MessageKey& key) {
  std::int64_t accepted = 0;
  auto done = database.each(
      "SELECT count(*) FROM sms_part WHERE message_id = ? AND n = ?",
      [&accepted](const Statement& counted) -> Result<void> {
        accepted = counted.integer(0);
        return {};
      },
      key.blob(), part.recipient);
  if (!done || accepted < part.parts) return done;
  auto moved = update_deliveries(database, {{.message = part.message,
                                             .recipient = part.recipient,
                                             .state = DeliveryState::Sent,
                                             .time_us = part.time_us,
                                             .text = "accepted, with a late answer"}});
  if (!moved) return std::unexpected(moved.error());
  return {};
}

}  // namespace

Result<SmsDispatch> read_dispatch(Database& database, AccountId account, MessageId message,
                                  std::int32_t recipient, const std::string& number) {
  SmsDispatch dispatch;
  auto done = database.each(
      "SELECT 1 FROM sms_stop WHERE number = ? AND account_id IN (0, ?)",
      [&dispatch](const Statement&) -> Result<void> {
        dispatch.stopped = true;
        return {};
      },
      number, account);
  const MessageKey key(message);
  if (done) {
    done = database.each(
        "SELECT part FROM sms_part WHERE message_id = ? AND n = ?",
        [&dispatch](const Statement& row) -> Result<void> {
          dispatch.parts.push_back(static_cast<std::int32_t>(row.integer(0)));
          return {};
        },
        key.blob(), recipient);
  }
  if (!done) return std::unexpected(done.error());
  return dispatch;
}

Result<bool> accept_part(Database& database, const AcceptedPart& part) {
  const MessageKey key(part.message);
  auto done =
      database.run(part.late ? kKeepPart : kReplacePart, key.blob(), part.recipient, part.part,
                   part.parts, part.account, part.smsc, part.key, part.number, part.time_us);
  if (!done) return std::unexpected(done.error());
  if (database.changes() != 1) return false;
  if (part.late) {
    if (auto ended = end_doubt(database, part, key); !ended) return std::unexpected(ended.error());
  }
  if (part.key.empty()) return false;

  std::optional<PartReport> report;
  done = database.each(
      "SELECT receipt, numbers, delivered, word, error, received_us FROM sms_orphan "
      "WHERE smsc = ? AND id_key = ? AND received_us >= ? ORDER BY received_us",
      [&](const Statement& row) -> Result<void> {
        PartReport one{.smsc = part.smsc,
                       .id = row.string(0),
                       .numbers = split(row.text(1)),
                       .delivered = row.integer(2) != 0,
                       .word = row.string(3),
                       .error = static_cast<std::int32_t>(row.integer(4)),
                       .time_us = row.integer(5)};
        const bool ours = is_about(one.numbers, part.number) || one.numbers.empty() ||
                          one.id.size() >= kTellingId;
        if (!report && ours) report = std::move(one);
        return {};
      },
      part.smsc, part.key, part.time_us - kDayUs);
  if (done && report) {
    done =
        settle(database, {part.message, part.recipient, part.part, part.parts, part.number, true},
               *report);
  }
  if (done && report) {
    done = database.run("DELETE FROM sms_orphan WHERE smsc = ? AND receipt = ? AND received_us = ?",
                        part.smsc, report->id, report->time_us);
  }
  if (!done) return std::unexpected(done.error());
  return report.has_value();
}

Result<bool> take_part_report(Database& database, const PartReport& report) {
  const auto rows = candidates(database, report);
  if (!rows) return std::unexpected(rows.error());
  const PartRow* found = choose(*rows, report);
  const auto done =
      found == nullptr ? keep_orphan(database, report) : settle(database, *found, report);
  if (!done) return std::unexpected(done.error());
  return found != nullptr;
}

}  // namespace sallyport::storage
