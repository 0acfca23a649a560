#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "admin/answers.h"
#include "admin/json_text.h"
#include "admin/verbs.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/time_text.h"
#include "messaging/address.h"
#include "messaging/operator_store.h"

namespace sallyport::admin {
namespace {

using messaging::AttemptRow;
using messaging::Message;
using messaging::Recipient;
using messaging::Story;

constexpr std::int64_t kMostRows = 100'000;
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

messaging::OperatorStore* messages_of(Run& run) {
  if (run.services().messages == nullptr) run.refuse("there are no messages here");
  return run.services().messages;
}

std::string time_or_null(std::int64_t us) {
  return us == 0 || us == kNever ? std::string() : rfc3339(us);
}

std::string attempt_text(const AttemptRow& one) {
  std::string text =
      fmt::format("    {:>2}. {} {:<8}", one.number,
                  one.started_us == 0 ? std::string("(start unknown)  ") : rfc3339(one.started_us),
                  messaging::to_string(one.result));
  if (one.started_us != 0) {
    text += fmt::format(" after {} ms", (one.ended_us - one.started_us) / 1000);
  }
  if (!one.via.empty()) text += " via " + one.via;
  if (one.code != 0) text += fmt::format(": {}", one.code);
  return text + (one.text.empty() ? "\n" : " " + one.text + "\n");
}

std::string attempt_json(const AttemptRow& one) {
  return JsonObject()
      .number("number", one.number)
      .text_or_null("started", time_or_null(one.started_us))
      .text("ended", rfc3339(one.ended_us))
      .text("result", messaging::to_string(one.result))
      .number("code", one.code)
      .text("text", one.text)
      .text_or_null("via", one.via)
      .str();
}

void tell_recipient(const Story& story, const Recipient& one, CommandReply& reply,
                    std::vector<std::string>& json) {
  const bool held = one.next_attempt_us == kNever;
  reply.text += fmt::format("  {}. {} {}{}, {} attempts\n", one.index, one.destination,
                            messaging::to_string(one.state), held ? " (held)" : "", one.attempts);
  if (one.next_attempt_us != 0 && !held) {
    reply.text += "    next attempt " + rfc3339_seconds(one.next_attempt_us) + "\n";
  }
  std::vector<std::string> attempts;
  for (const AttemptRow& attempt : story.attempts) {
    if (attempt.recipient != one.index) continue;
    reply.text += attempt_text(attempt);
    attempts.push_back(attempt_json(attempt));
  }
  if (!one.last_text.empty() || one.last_code != 0) {
    reply.text += fmt::format("    last answer: {} {}\n", one.last_code, one.last_text);
  }
  json.push_back(JsonObject()
                     .number("recipient", one.index)
                     .text("channel", messaging::to_string(one.channel))
                     .text("destination", one.destination)
                     .text("state", messaging::to_string(one.state))
                     .truth("held", held)
                     .number("attempts", one.attempts)
                     .text_or_null("next_attempt", time_or_null(one.next_attempt_us))
                     .text_or_null("sent", time_or_null(one.sent_us))
                     .text_or_null("delivered", time_or_null(one.delivered_us))
                     .text_or_null("failed", time_or_null(one.failed_us))
                     .number("code", one.last_code)
                     .text("text", one.last_text)
                     .raw("history", json_array(attempts))
                     .str());
}

JsonObject message_json(const Message& message) {
  JsonObject json;
  json.text("id", message.id.hex())
      .text("account", message.account.hex())
      .text("workspace", message.workspace.hex())
      .text("user", message.username)
      .text("environment", to_string(message.environment))
      .text("class", messaging::to_string(message.kind))
      .text_or_null("from", message.sender)
      .text("created", rfc3339(message.created_us))
      .text_or_null("scheduled", time_or_null(message.not_before_us))
      .text_or_null("expires", time_or_null(message.expires_us));
  return json;
}

CommandReply message_show(Run& run) {
  const auto id = MessageId::parse(run.subject());
  if (!id) run.refuse(fmt::format("\"{}\" is no message's id", run.subject()));
  auto* messages = messages_of(run);
  if (run.failed()) return run.refusal();
  const auto story = run.take(messages->story(*id));
  if (!run.failed() && !story) run.refuse(fmt::format("there is no message {}", run.subject()));
  if (run.failed()) return run.refusal();
  const Message& message = story->message;
  CommandReply reply;
  reply.text = fmt::format("message {}\n  account {}, user {}, {}, {}\n  accepted {}\n",
                           message.id.hex(), run.model().name_of(message.account), message.username,
                           to_string(message.environment), messaging::to_string(message.kind),
                           rfc3339(message.created_us));
  if (message.not_before_us != 0) {
    reply.text += "  scheduled for " + rfc3339_seconds(message.not_before_us) + "\n";
  }
  if (story->repeats_us != 0) {
    reply.text += fmt::format("  sent again {} times more, next {}\n", story->repeats_left,
                              rfc3339_seconds(story->repeats_us));
  }
  if (!message.account_active) reply.text += "  held: its account is suspended\n";
  std::vector<std::string> recipients;
  for (const Recipient& one : message.recipients) tell_recipient(*story, one, reply, recipients);
  reply.json = message_json(message)
                   .number("repeats_left", story->repeats_left)
                   .text_or_null("next_repetition", time_or_null(story->repeats_us))
                   .truth("account_suspended", !message.account_active)
                   .raw("recipients", json_array(recipients))
                   .str();
  return reply;
}

// As the store has it: an address with its domain in lower case, or a number.
std::string recipient_option(Run& run) {
  const std::string text = run.one("recipient");
  if (messaging::is_email_address(text)) return messaging::normalize_address(text);
  if (auto number = messaging::normalize_phone(text, "")) return *number;
  run.refuse("--recipient must be an email address or a phone number with its country");
  return {};
}

std::string incoming_json(const messaging::IncomingRow& row) {
  return JsonObject()
      .text_or_null("account", row.account ? row.account.hex() : "")
      .text_or_null("answers", row.answers ? row.answers->hex() : "")
      .text("source", row.source)
      .text("destination", row.destination)
      .text("smsc", row.smsc)
      .text("received", rfc3339(row.received_us))
      .text("text", row.text)
      .str();
}

// What was sent there, and what was written from there.
CommandReply message_export(Run& run) {
  const std::string address = recipient_option(run);
  auto* messages = messages_of(run);
  if (run.failed()) return run.refusal();
  const auto all = run.take(messages->messages_to(address));
  const auto written = run.take(messages->incoming({{}, INT64_MAX, address}));
  if (run.failed()) return run.refusal();
  std::vector<std::string> elements;
  for (const Message& message : all) {
    std::vector<std::string> recipients;
    std::vector<std::string> attachments;
    for (const Recipient& one : message.recipients) {
      if (!equal_ascii_case(one.destination, address)) continue;  // of the others nothing
      recipients.push_back(JsonObject()
                               .text("destination", one.destination)
                               .text("state", messaging::to_string(one.state))
                               .text_or_null("sent", time_or_null(one.sent_us))
                               .text_or_null("delivered", time_or_null(one.delivered_us))
                               .text_or_null("failed", time_or_null(one.failed_us))
                               .number("code", one.last_code)
                               .text("text", one.last_text)
                               .str());
    }
    JsonObject json = message_json(message);
    json.raw("recipients", json_array(recipients))
        .text("subject", message.content.subject)
        .text("body", message.content.body);
    if (message.content.email) {
      json.text("email_body", message.content.email->body)
          .text("email_type", message.content.email->type);
      for (const auto& one : message.content.email->attachments) {
        attachments.push_back(
            JsonObject().text("name", one.name).text("content", base64_encode(one.content)).str());
      }
    }
    elements.push_back(json.raw("attachments", json_array(attachments)).str());
  }
  for (const messaging::IncomingRow& row : written) elements.push_back(incoming_json(row));
  CommandReply reply;
  reply.json = json_array(elements);
  reply.text = reply.json + "\n";
  return reply;
}

CommandReply message_erase(Run& run) {
  const std::string address = recipient_option(run);
  auto* messages = messages_of(run);
  if (run.failed()) return run.refusal();
  // Whom it was about is what must not be kept: the record has a digest to compare with.
  const Digest digest = sha256(address);
  const Change record = run.record("recipient sha256:" + hex_lower(digest),
                                   JsonObject().text("what", "all messages").str());
  const std::int64_t count = run.take(messages->erase_recipient(address, record));
  if (run.failed()) return run.refusal();
  return {kDone, fmt::format("{} messages erased\n", count),
          JsonObject().number("messages", count).str(), ""};
}

messaging::SmsFilter sms_filter_of(Run& run) {
  messaging::SmsFilter filter;
  filter.account = run.account_option();
  if (!run.has("limit")) return filter;
  const std::string text = run.one("limit");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), filter.limit);
  if (error != std::errc() || end != text.data() + text.size() || filter.limit < 1 ||
      filter.limit > kMostRows) {
    run.refuse(fmt::format("--limit must be a number from 1 to {}, not \"{}\"", kMostRows, text));
  }
  return filter;
}

std::string owner_of(const Run& run, AccountId account) {
  return account ? run.model().name_of(account) : std::string("nobody's");
}

CommandReply message_incoming(Run& run) {
  const auto filter = sms_filter_of(run);
  auto* messages = messages_of(run);
  if (run.failed()) return run.refusal();
  const auto rows = run.take(messages->incoming(filter));
  if (run.failed()) return run.refusal();
  CommandReply reply;
  std::vector<std::string> elements;
  for (const messaging::IncomingRow& row : rows) {
    std::string line = row.text;
    std::ranges::replace_if(line, [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
    reply.text += fmt::format("{}  {:<16} to {:<16} {}: {}\n", rfc3339_seconds(row.received_us),
                              row.source, row.destination, owner_of(run, row.account), line);
    elements.push_back(incoming_json(row));
  }
  if (rows.empty()) reply.text = "none\n";
  reply.json = json_array(elements);
  return reply;
}

CommandReply message_stops(Run& run) {
  const auto filter = sms_filter_of(run);
  auto* messages = messages_of(run);
  if (run.failed()) return run.refusal();
  const auto rows = run.take(messages->stops(filter));
  if (run.failed()) return run.refusal();
  CommandReply reply;
  std::vector<std::string> elements;
  for (const messaging::StopRow& row : rows) {
    reply.text += fmt::format("{:<16} {}  since {}\n", row.number,
                              row.account ? run.model().name_of(row.account) : "every account",
                              rfc3339_seconds(row.since_us));
    elements.push_back(JsonObject()
                           .text("number", row.number)
                           .text_or_null("account", row.account ? row.account.hex() : "")
                           .text("since", rfc3339(row.since_us))
                           .str());
  }
  if (rows.empty()) reply.text = "none\n";
  reply.json = json_array(elements);
  return reply;
}

constexpr OptionInfo kAccount{"account", "ACCOUNT", "Only of this account.", false, false};
constexpr OptionInfo kLimit{"limit", "NUMBER", "How many at most. Default: 100.", false, false};
constexpr OptionInfo kRecipient{"recipient", "ADDRESS", "The email address or phone number.", true,
                                false};

}  // namespace

std::vector<ActionInfo> message_actions() {
  return {
      {"message",
       "show",
       "MESSAGE",
       "Tells the story of one message, attempt by attempt.",
       message_show,
       {}},
      {"message",
       "incoming",
       "",
       "Lists the SMS that came in, newest first.",
       message_incoming,
       {kAccount, kLimit}},
      {"message",
       "stops",
       "",
       "Lists the numbers that have sent STOP, newest first.",
       message_stops,
       {kAccount, kLimit}},
      {"message",
       "export",
       "",
       "Everything that is kept about one recipient, as JSON.",
       message_export,
       {kRecipient}},
      {"message",
       "erase",
       "",
       "Deletes everything that is kept about one recipient.",
       message_erase,
       {kRecipient}},
  };
}

}  // namespace sallyport::admin
