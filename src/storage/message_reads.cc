#include "storage/message_reads.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>

#include "storage/message_rows.h"

namespace sallyport::storage {
namespace {

using messaging::ChannelKind;
using messaging::DeliveryState;
using messaging::Due;
using messaging::EmailPart;
using messaging::ListQuery;
using messaging::Message;
using messaging::Recipient;

#define MESSAGE_HEAD                                                                       \
  "SELECT id, account_id, workspace_id, user_id, application_id, environment, from_name, " \
  "username, created_us, label, recipients_text, subject, sender, kind, not_before_us, "   \
  "expires_us, sms_sender FROM message "

Message head_of(const Statement& row) {
  Message message;
  message.id = MessageKey::parse(row.blob(0));
  message.account = AccountId{row.bits(1)};
  message.workspace = WorkspaceId{row.bits(2)};
  message.user = UserId{row.bits(3)};
  message.application = ApplicationId{row.bits(4)};
  message.environment = parse_environment(row.text(5)).value_or(Environment::Test);
  message.from_name = row.text(6);
  message.username = row.text(7);
  message.created_us = row.integer(8);
  message.content.label = row.text(9);
  message.content.to = row.text(10);
  message.content.subject = row.text(11);
  message.sender = row.text(12);
  message.kind = static_cast<messaging::MessageClass>(row.integer(13));
  message.not_before_us = row.integer(14);
  message.expires_us = row.integer(15);
  message.sms_sender = row.text(16);
  return message;
}

Result<void> load_recipients(Database& database, const MessageKey& key, Message& message) {
  return database.each(
      "SELECT n, channel, state, next_attempt_us, attempts, sent_us, delivered_us, failed_us, "
      "last_code, last_text, destination FROM recipient WHERE message_id = ? ORDER BY n",
      [&message](const Statement& row) -> Result<void> {
        message.recipients.push_back({.index = static_cast<std::int32_t>(row.integer(0)),
                                      .channel = static_cast<ChannelKind>(row.integer(1)),
                                      .destination = row.string(10),
                                      .state = static_cast<DeliveryState>(row.integer(2)),
                                      .attempts = static_cast<std::int32_t>(row.integer(4)),
                                      .next_attempt_us = row.integer(3),
                                      .sent_us = row.integer(5),
                                      .delivered_us = row.integer(6),
                                      .failed_us = row.integer(7),
                                      .last_code = static_cast<std::int32_t>(row.integer(8)),
                                      .last_text = row.string(9)});
        return {};
      },
      key.blob());
}

// A reader sees an attachment's name, never its bytes: those are megabytes, and for the channel.
enum class Content : std::uint8_t { None, Shown, Sent };

Result<void> load_content(Database& database, const MessageKey& key, Content wanted,
                          Message& message) {
  auto done = database.each(
      "SELECT body, email_body, email_footer, email_type, unsubscribe_url, one_click, type, "
      "receipts FROM message_content WHERE message_id = ?",
      [&message](const Statement& row) -> Result<void> {
        message.content.body = row.text(0);
        message.content.type = static_cast<messaging::MessageType>(row.integer(6));
        message.content.receipts = static_cast<messaging::Receipts>(row.integer(7));
        if (row.is_null(1)) return {};
        EmailPart& email = message.content.email.emplace();
        email.body = row.text(1);
        email.footer = row.text(2);
        email.type = row.text(3);
        email.unsubscribe_url = row.text(4);
        email.one_click = row.integer(5) != 0;
        return {};
      },
      key.blob());
  if (!done || !message.content.email) return done;
  return database.each(
      wanted == Content::Sent ? Sql("SELECT name, description, content FROM message_attachment "
                                    "WHERE message_id = ? ORDER BY n")
                              : Sql("SELECT name, description, '' FROM message_attachment "
                                    "WHERE message_id = ? ORDER BY n"),
      [&message](const Statement& row) -> Result<void> {
        message.content.email->attachments.push_back({.name = row.string(0),
                                                      .description = row.string(1),
                                                      .content = std::string(row.blob(2))});
        return {};
      },
      key.blob());
}

Result<void> load_repetition(Database& database, const MessageKey& key, Message& message) {
  return database.each(
      "SELECT count, days, hours, minutes, zone FROM repetition WHERE message_id = ?",
      [&message](const Statement& row) -> Result<void> {
        message.repetition = {static_cast<std::int32_t>(row.integer(0)),
                              static_cast<std::int32_t>(row.integer(1)),
                              static_cast<std::int32_t>(row.integer(2)),
                              static_cast<std::int32_t>(row.integer(3)), row.string(4)};
        return {};
      },
      key.blob());
}

Result<std::optional<Message>> load_where(Database& database, Result<Statement> row,
                                          const MessageKey& key, Content wanted) {
  if (!row) return std::unexpected(row.error());
  auto found = row->step();
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  Message message = head_of(*row);
  auto done = load_recipients(database, key, message);
  if (done && message.not_before_us != 0 && wanted == Content::Shown) {
    done = load_repetition(database, key, message);
  }
  if (done && wanted != Content::None) done = load_content(database, key, wanted, message);
  if (!done) return std::unexpected(done.error());
  return message;
}

// Four statements rather than one with optional conditions, so that each has its index.
Sql list_statement(bool by_user, bool by_label) {
#define LIST_WHERE "WHERE account_id = ?1 AND workspace_id = ?2 "
#define LIST_REST \
  "AND created_us BETWEEN ?3 AND ?4 ORDER BY created_us DESC, id DESC LIMIT ?5 OFFSET ?6 "
  if (by_user && by_label) {
    return MESSAGE_HEAD LIST_WHERE "AND user_id = ?7 AND label = ?8 AND label <> '' " LIST_REST;
  }
  if (by_user) return MESSAGE_HEAD LIST_WHERE "AND user_id = ?7 AND ?8 IS NULL " LIST_REST;
  if (by_label) {
    return MESSAGE_HEAD LIST_WHERE "AND ?7 = 0 AND label = ?8 AND label <> '' " LIST_REST;
  }
  return MESSAGE_HEAD LIST_WHERE "AND ?7 = 0 AND ?8 IS NULL " LIST_REST;
#undef LIST_REST
#undef LIST_WHERE
}

// ---- the queue ----------------------------------------------------------------------------------
constexpr int kNew = 0;       // DeliveryState::Pending
constexpr int kDeferred = 2;  // DeliveryState::Deferred
// Rows that are looked at beyond those that are taken, when the caller does not want them all.
constexpr std::int64_t kPassedOver = 2'000;

struct OpenAccount {
  std::int64_t id = 0;
  std::int64_t oldest_us = 0;
};

Result<std::optional<std::int64_t>> first_number(Result<Statement> row) {
  if (!row) return std::unexpected(row.error());
  auto found = row->step();
  if (!found) return std::unexpected(found.error());
  if (!*found || row->is_null(0)) return std::nullopt;
  return row->integer(0);
}

Result<std::optional<std::int64_t>> oldest(Database& database, std::int64_t account) {
  std::optional<std::int64_t> least;
  for (const int state : {kNew, kDeferred}) {
    auto time = first_number(
        database.query("SELECT min(next_attempt_us) FROM recipient INDEXED BY recipient_open "
                       "WHERE account_id = ? AND state = ? AND next_attempt_us < ?",
                       account, state, kNever));
    if (!time) return time;
    if (*time && (!least || **time < *least)) least = *time;
  }
  return least;
}

// Active accounts with open recipients, those with the oldest first. One seek per account, however
// many recipients it has.
Result<std::vector<OpenAccount>> open_accounts(Database& database) {
  std::vector<OpenAccount> accounts;
  std::int64_t from = std::numeric_limits<std::int64_t>::min();
  for (;;) {
    auto id =
        first_number(database.query("SELECT account_id FROM recipient INDEXED BY recipient_open "
                                    "WHERE account_id >= ? AND next_attempt_us IS NOT NULL "
                                    "ORDER BY account_id LIMIT 1",
                                    from));
    if (!id) return std::unexpected(id.error());
    if (!*id) break;
    auto active =
        first_number(database.query("SELECT status = 'active' FROM account WHERE id = ?", **id));
    if (!active) return std::unexpected(active.error());
    if (active->value_or(0) != 0) {
      auto least = oldest(database, **id);
      if (!least) return std::unexpected(least.error());
      if (*least) accounts.push_back({**id, **least});
    }
    if (**id == std::numeric_limits<std::int64_t>::max()) break;
    from = **id + 1;
  }
  std::ranges::sort(accounts, {}, &OpenAccount::oldest_us);
  return accounts;
}

// Behind '@' of an email's address. All SMS go to the same place, whoever their recipients are.
std::string destination_of(ChannelKind channel, std::string_view address) {
  if (channel != ChannelKind::Email) return "sms";
  const std::size_t at = address.rfind('@');
  return std::string(at == std::string_view::npos ? address : address.substr(at + 1));
}

Result<std::vector<Due>> due_of(Database& database, std::int64_t account, int state,
                                std::int64_t now_us, std::int64_t limit,
                                const messaging::DueFilter& wanted) {
  std::vector<Due> rows;
  auto query = database.query(
      "SELECT message_id, n, channel, destination FROM recipient INDEXED BY recipient_open "
      "WHERE account_id = ? AND state = ? AND next_attempt_us <= ? ORDER BY next_attempt_us "
      "LIMIT ?",
      account, state, now_us, limit + kPassedOver);
  if (!query) return std::unexpected(query.error());
  while (std::ssize(rows) < limit) {
    auto more = query->step();
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
    const auto channel = static_cast<ChannelKind>(query->integer(2));
    Due due{MessageKey::parse(query->blob(0)), static_cast<std::int32_t>(query->integer(1)),
            channel, destination_of(channel, query->text(3))};
    if (!wanted || wanted(due)) rows.push_back(std::move(due));
  }
  return rows;
}

// One from each in turn, until all are used up or `limit` are taken.
std::vector<Due> in_turn(const std::vector<std::vector<Due>>& queues, std::size_t limit) {
  std::vector<Due> taken;
  for (std::size_t i = 0;; ++i) {
    bool any = false;
    for (const auto& queue : queues) {
      if (i >= queue.size()) continue;
      if (taken.size() == limit) return taken;
      taken.push_back(queue[i]);
      any = true;
    }
    if (!any) return taken;
  }
}

}  // namespace

Result<std::optional<Message>> find_message(Database& database, AccountId account,
                                            WorkspaceId workspace, MessageId id,
                                            bool with_content) {
  const MessageKey key(id);
  return load_where(
      database,
      database.query(MESSAGE_HEAD "WHERE id = ? AND account_id = ? AND workspace_id = ?",
                     key.blob(), account, workspace),
      key, with_content ? Content::Shown : Content::None);
}

Result<std::optional<Message>> load_message(Database& database, MessageId id) {
  const MessageKey key(id);
  auto message = load_where(database, database.query(MESSAGE_HEAD "WHERE id = ?", key.blob()), key,
                            Content::Sent);
  if (!message || !*message) return message;
  auto active = first_number(
      database.query("SELECT status = 'active' FROM account WHERE id = ?", (*message)->account));
  if (!active) return std::unexpected(active.error());
  (*message)->account_active = active->value_or(0) != 0;
  return message;
}

Result<std::vector<Message>> list_messages(Database& database, const ListQuery& query) {
  const bool by_label = query.label && !query.label->empty();
  const std::int64_t to_us =
      query.to_us == 0 ? std::numeric_limits<std::int64_t>::max() : query.to_us;
  std::vector<Message> messages;
  auto done = database.each(
      list_statement(static_cast<bool>(query.user), by_label),
      [&messages](const Statement& row) -> Result<void> {
        messages.push_back(head_of(row));
        return {};
      },
      query.account, query.workspace, query.from_us, to_us, query.limit, query.offset, query.user,
      by_label ? query.label : std::nullopt);
  if (!done) return std::unexpected(done.error());
  return messages;
}

Result<std::vector<Due>> due_recipients(Database& database, std::int64_t now_us, std::int64_t limit,
                                        const messaging::DueFilter& wanted) {
  if (limit <= 0) return std::vector<Due>();
  auto accounts = open_accounts(database);
  if (!accounts) return std::unexpected(accounts.error());
  std::erase_if(*accounts, [now_us](const auto& account) { return account.oldest_us > now_us; });
  const auto most = static_cast<std::size_t>(limit);
  if (accounts->size() > most) accounts->resize(most);
  if (accounts->empty()) return std::vector<Due>();
  // The caller may count what it takes: nothing is shown to it twice once it was wanted.
  std::set<std::pair<MessageId, std::int32_t>> taken_before;
  const messaging::DueFilter once = [&](const Due& due) {
    const std::pair key(due.message, due.recipient);
    if (taken_before.contains(key)) return true;
    if (wanted && !wanted(due)) return false;
    taken_before.insert(key);
    return true;
  };
  // An equal share each; what some do not use, the others get in a second round.
  const auto count = static_cast<std::int64_t>(accounts->size());
  for (std::int64_t share = (limit + count - 1) / count;; share = limit) {
    std::vector<std::vector<Due>> queues;
    for (const auto& account : *accounts) {
      std::vector<std::vector<Due>> both;
      for (const int state : {kNew, kDeferred}) {
        auto rows = due_of(database, account.id, state, now_us, share, once);
        if (!rows) return rows;
        both.push_back(std::move(*rows));
      }
      queues.push_back(in_turn(both, static_cast<std::size_t>(share)));
    }
    auto taken = in_turn(queues, most);
    if (taken.size() == most || share == limit) return taken;
  }
}

Result<std::optional<std::int64_t>> next_due(Database& database) {
  auto accounts = open_accounts(database);
  if (!accounts) return std::unexpected(accounts.error());
  if (accounts->empty()) return std::nullopt;
  return accounts->front().oldest_us;
}

}  // namespace sallyport::storage
