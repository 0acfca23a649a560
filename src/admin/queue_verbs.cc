#include <fmt/format.h>

#include <charconv>

#include "admin/answers.h"
#include "admin/json_text.h"
#include "admin/queue_name.h"
#include "admin/verbs.h"
#include "base/encoding.h"
#include "base/time_text.h"
#include "messaging/operator_store.h"

namespace sallyport::admin {

std::optional<QueueName> parse_queue_name(std::string_view text) {
  QueueName name;
  const std::size_t dash = text.find('-');
  const auto id = MessageId::parse(text.substr(0, dash));
  if (!id) return std::nullopt;
  name.message = *id;
  if (dash == std::string_view::npos) return name;
  const std::string_view number = text.substr(dash + 1);
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), name.recipient);
  if (error != std::errc() || end != number.data() + number.size() || name.recipient < 1) {
    return std::nullopt;
  }
  return name;
}

namespace {

using messaging::QueueAct;
using messaging::QueueCount;
using messaging::QueueFilter;
using messaging::QueueRow;

constexpr std::int64_t kDefaultRows = 100;
constexpr std::int64_t kMostRows = 100'000;

messaging::OperatorStore* messages_of(Run& run) {
  if (run.services().messages == nullptr) run.refuse("there are no messages here");
  return run.services().messages;
}

QueueFilter filter_of(Run& run) {
  QueueFilter filter;
  filter.account = run.account_option();
  if (run.has("domain")) filter.domain = ascii_lower(run.one("domain"));
  filter.held = run.has("held");
  filter.dead = run.has("dead");
  filter.limit = kDefaultRows;
  if (run.has("limit")) {
    const std::string text = run.one("limit");
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), filter.limit);
    if (error != std::errc() || end != text.data() + text.size() || filter.limit < 1 ||
        filter.limit > kMostRows) {
      run.refuse(fmt::format("--limit must be a number from 1 to {}, not \"{}\"", kMostRows, text));
    }
  }
  return filter;
}

void name_in(Run& run, const std::string& text, QueueFilter& filter) {
  const auto name = parse_queue_name(text);
  if (!name) {
    return run.refuse(
        fmt::format("\"{}\" names nothing in the queue: give a message's id, or one with -N for "
                    "its recipient N",
                    text));
  }
  filter.message = name->message;
  filter.recipient = name->recipient;
}

bool is_suspended(const Run& run, AccountId id) {
  const Account* account = run.model().accounts.find(id);
  return account != nullptr && account->status != Status::Active;
}

std::string_view word_of(const Run& run, const QueueRow& row) {
  if (row.held) return "held";
  if (row.state == messaging::DeliveryState::Failed) return "dead";
  if (row.state == messaging::DeliveryState::Attempting) return "attempting";
  if (is_suspended(run, row.account)) return "held";
  return row.state == messaging::DeliveryState::Pending ? "new" : "deferred";
}

std::string json_of(const Run& run, const QueueRow& row) {
  const bool waits = !row.held && row.next_attempt_us != 0;
  return JsonObject()
      .text("name", fmt::format("{}-{}", row.message.hex(), row.recipient))
      .text("account", row.account.hex())
      .text("state", word_of(run, row))
      .text("channel", messaging::to_string(row.channel))
      .text("domain", row.domain)
      .number("attempts", row.attempts)
      .text("created", rfc3339(row.created_us))
      .text_or_null("next_attempt", waits ? rfc3339(row.next_attempt_us) : "")
      .number("last_code", row.last_code)
      .text("last_text", row.last_text)
      .str();
}

CommandReply rows_reply(const Run& run, const std::vector<QueueRow>& rows) {
  CommandReply reply;
  std::vector<std::string> elements;
  for (const QueueRow& row : rows) {
    const bool waits = !row.held && row.next_attempt_us != 0;
    reply.text += fmt::format("{}-{:<3} {:<10} {:>2} tries  {:<20}  {:<20} {} {}\n",
                              row.message.hex(), row.recipient, word_of(run, row), row.attempts,
                              waits ? rfc3339_seconds(row.next_attempt_us) : "-", row.domain,
                              row.last_code == 0 ? std::string() : std::to_string(row.last_code),
                              row.last_text);
    elements.push_back(json_of(run, row));
  }
  if (rows.empty()) reply.text = "none\n";
  reply.json = json_array(elements);
  return reply;
}

CommandReply queue_list(Run& run) {
  const QueueFilter filter = filter_of(run);
  auto* messages = messages_of(run);
  if (run.failed()) return run.refusal();
  const auto rows = run.take(messages->queue_rows(filter));
  if (run.failed()) return run.refusal();
  return rows_reply(run, rows);
}

CommandReply queue_show(Run& run) {
  QueueFilter filter;
  filter.limit = kMostRows;
  name_in(run, run.subject(), filter);
  auto* messages = messages_of(run);
  if (run.failed()) return run.refusal();
  auto rows = run.take(messages->queue_rows(filter));
  filter.dead = true;
  const auto dead = run.take(messages->queue_rows(filter));
  if (run.failed()) return run.refusal();
  rows.insert(rows.end(), dead.begin(), dead.end());
  if (rows.empty()) {
    run.refuse(fmt::format("nothing of {} is in the queue; `sallyport message show` has its story",
                           run.subject()));
    return run.refusal();
  }
  return rows_reply(run, rows);
}

CommandReply queue_summary(Run& run) {
  auto* messages = messages_of(run);
  if (run.failed()) return run.refusal();
  const auto counts = run.take(messages->queue_counts());
  if (run.failed()) return run.refusal();
  CommandReply reply;
  std::vector<std::string> elements;
  for (const QueueCount& count : counts) {
    const std::string name = run.model().name_of(count.account);
    reply.text +=
        fmt::format("{:<20} new {}  attempting {}  deferred {}  held {}  dead {}{}{}\n", name,
                    count.fresh, count.attempting, count.deferred, count.held, count.dead,
                    count.oldest_us == 0 ? "" : "  next " + rfc3339_seconds(count.oldest_us),
                    is_suspended(run, count.account) ? "  (held: the account is suspended)" : "");
    elements.push_back(
        JsonObject()
            .text("account", count.account.hex())
            .text("name", name)
            .number("new", count.fresh)
            .number("attempting", count.attempting)
            .number("deferred", count.deferred)
            .number("held", count.held)
            .number("dead", count.dead)
            .truth("suspended", is_suspended(run, count.account))
            .text_or_null("next", count.oldest_us == 0 ? std::string() : rfc3339(count.oldest_us))
            .str());
  }
  if (counts.empty()) reply.text = "none\n";
  reply.json = json_array(elements);
  return reply;
}

// What the command is to change: one message or recipient, or everything that the options choose.
QueueFilter target_of(Run& run) {
  QueueFilter filter = filter_of(run);
  if (run.subject() != "ALL") name_in(run, run.subject(), filter);
  return filter;
}

CommandReply act(Run& run, QueueAct what, std::string_view done) {
  const QueueFilter filter = target_of(run);
  auto* messages = messages_of(run);
  if (run.failed()) return run.refusal();
  const std::string domain = filter.domain;
  const Change record =
      run.record(filter.message ? "queue " + run.subject() : std::string("queue"),
                 JsonObject().text_or_null("domain", domain).truth("held", filter.held).str());
  const std::int64_t count = run.take(messages->act(what, filter, std::nullopt, record));
  if (run.failed()) return run.refusal();
  if (run.services().wake_scheduler) run.services().wake_scheduler();
  if (count == 0 && filter.message) {
    run.refuse(fmt::format("{}: nothing of it could be {}", run.subject(), done));
    return run.refusal();
  }
  return {kDone, fmt::format("{} {}\n", count, done),
          JsonObject().number("recipients", count).str(), ""};
}

CommandReply queue_hold(Run& run) { return act(run, QueueAct::Hold, "held"); }
CommandReply queue_release(Run& run) { return act(run, QueueAct::Release, "released"); }
CommandReply queue_drop(Run& run) { return act(run, QueueAct::Drop, "dropped"); }

CommandReply queue_retry(Run& run) {
  if (!run.has("dead")) return act(run, QueueAct::Retry, "due now");
  const QueueFilter filter = target_of(run);
  if (!filter.message) run.refuse("--dead needs one message: give its id");
  auto* messages = messages_of(run);
  if (run.failed()) return run.refusal();
  const MessageId copy = make_message_id(*run.services().clock, run.random());
  const Change record =
      run.record("queue " + run.subject(), JsonObject().text("message", copy.hex()).str());
  const std::int64_t count = run.take(messages->act(QueueAct::Retry, filter, copy, record));
  if (run.failed()) return run.refusal();
  if (count == 0) {
    run.refuse(fmt::format("{} has no recipient that failed", run.subject()));
    return run.refusal();
  }
  if (run.services().wake_scheduler) run.services().wake_scheduler();
  return {kDone, fmt::format("{} sent again as message {}\n", count, copy.hex()),
          JsonObject().number("recipients", count).text("message", copy.hex()).str(), ""};
}

constexpr OptionInfo kAccount{"account", "ACCOUNT", "Only of this account.", false, false};
constexpr OptionInfo kDomain{"domain", "DOMAIN", "Only to this domain.", false, false};
constexpr OptionInfo kHeld{"held", "", "Only what is held.", false, false};

}  // namespace

std::vector<ActionInfo> queue_actions() {
  return {
      {"queue",
       "list",
       "",
       "Lists recipients that wait, in the order in which they are due.",
       queue_list,
       {kAccount,
        kDomain,
        kHeld,
        {"dead", "", "The dead letters instead: what could not be delivered."},
        {"limit", "NUMBER", "How many at most. Default: 100."}}},
      {"queue", "summary", "", "Counts what waits, by account.", queue_summary, {}},
      {"queue",
       "show",
       "WHAT",
       "Shows what waits of a message (ID) or recipient (ID-N).",
       queue_show,
       {}},
      {"queue",
       "hold",
       "WHAT",
       "Holds a message (ID), a recipient (ID-N) or, with ALL, what the options choose.",
       queue_hold,
       {kAccount, kDomain}},
      {"queue",
       "release",
       "WHAT",
       "Lets what is held go on: ID, ID-N or ALL.",
       queue_release,
       {kAccount, kDomain}},
      {"queue",
       "retry",
       "WHAT",
       "Makes what is deferred due now: ID, ID-N or ALL.",
       queue_retry,
       {kAccount,
        kDomain,
        {"dead", "", "Sends the failed recipients of one message again, as a new message."}}},
      {"queue",
       "drop",
       "WHAT",
       "Gives up on what waits, which then has failed: ID, ID-N or ALL.",
       queue_drop,
       {kAccount, kDomain, kHeld}},
  };
}

}  // namespace sallyport::admin
