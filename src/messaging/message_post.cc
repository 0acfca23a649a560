#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/encoding.h"
#include "messaging/json_reader.h"
#include "messaging/message_schedule.h"
#include "messaging/resources.h"
#include "messaging/text.h"
#include "messaging/xml_reader.h"

namespace sallyport::messaging {
namespace {

constexpr std::string_view kAccepted = "Your request has been accepted for processing";
constexpr std::size_t kMaxIdempotencyKey = 255;
constexpr std::int64_t kIdempotencyUs = 24LL * 3600 * 1'000'000;

bool is_idempotency_key(std::string_view key) {
  return !key.empty() && key.size() <= kMaxIdempotencyKey &&
         std::ranges::all_of(key, [](char c) { return c >= 0x20 && c <= 0x7E; });
}

std::string user_domain(const Call& call) {
  const std::string& configured = call.config().messaging.mri_domain_user;
  if (!configured.empty()) return configured;
  return "user." + ascii_lower(call.caller().account.hex()) + ".invalid";
}

}  // namespace

std::optional<http::Response> check_posting(const Call& call) {
  if (!call.accepted()) return call.refuse(406);
  const MediaFields& media = call.media();
  const auto type = body_type(media, call.config().messaging.vendor);
  if (!type || (!type->name.empty() && type->name != "message" && type->name != "bulkmessage")) {
    return call.refuse(415, {},
                       media.content_type.empty()
                           ? "The request has no Content-Type"
                           : "Cannot consume this content type or its charset");
  }
  if (type->name == "bulkmessage") return call.refuse(422, "Bulk messages are not supported yet");
  const std::size_t keys = call.request().count("idempotency-key");
  if (keys > 1 ||
      (keys == 1 && !is_idempotency_key(call.request().field("idempotency-key").value_or("")))) {
    return call.refuse(400, {},
                       "Idempotency-Key must be given once, 1 to 255 printable characters");
  }
  return std::nullopt;
}

namespace {

// Why the message may not come from where it says it does. The installation's own address is
// vouched for by whoever wrote it into the configuration.
std::optional<std::string> sender_problem(AcceptedMessage& accepted, const config::Config& config,
                                          const SendingRecord* sending) {
  bool email = false;
  for (const Recipient& one : accepted.recipients) {
    email = email || one.channel == ChannelKind::Email;
    // What is answered there would come back to us as an answer.
    if (one.channel == ChannelKind::Sms &&
        (one.destination == config.sms_channel.sender ||
         (sending != nullptr && sending->may_send_sms_from(one.destination)))) {
      return "The field \"to\" has a number that this account sends from";
    }
  }
  if (!accepted.alias.empty()) {
    const bool own = equal_ascii_case(accepted.alias, config.sms_channel.sender);
    if (own || (sending != nullptr && sending->may_send_sms_from(accepted.alias))) {
      // of SMS; mail does not show it
    } else if (is_email_address(accepted.alias) && accepted.from.empty()) {
      accepted.from = std::exchange(accepted.alias, {});
    } else {
      return "The field \"features.aliasOption.aliasName\" is no sender of this account";
    }
  }
  if (accepted.alias.empty() && sending != nullptr) accepted.alias = sending->first_sms_sender();
  if (accepted.from.empty()) {
    accepted.from = sending == nullptr ? std::string() : sending->first_address();
    return std::nullopt;
  }
  if (!email && sending != nullptr && sending->may_send_sms_from(accepted.from)) {
    accepted.alias = std::exchange(accepted.from, {});
    return std::nullopt;
  }
  if (!is_email_address(accepted.from)) return "The field \"from\" is no email address";
  if (equal_ascii_case(accepted.from, config.messaging.mail_from)) return std::nullopt;
  if (sending == nullptr || !sending->may_send_from(accepted.from)) {
    return "The field \"from\" names no verified sender of this account";
  }
  return std::nullopt;
}

}  // namespace

std::expected<AcceptedMessage, http::Response> read_posted(const Call& call,
                                                           const std::string& body,
                                                           const SendingRecord* sending,
                                                           const Clock& clock) {
  const auto type = body_type(call.media(), call.config().messaging.vendor);
  const auto input =
      type && type->format == Format::Json ? read_json(body) : read_xml(body, "message");
  if (!input) return std::unexpected(call.refuse(400, {}, input.error().detail));
  InputRules rules{.raw_bytes = body.size(),
                   .message_bytes = call.config().messaging.message_bytes,
                   .reserved = ReservedDomains(user_domain(call), call.config().bounces.domain),
                   .now_us = clock.unix_us(),
                   .time_zone = call.time_zone()};
  // The simulator takes phone numbers of every country.
  rules.any_country = call.caller().environment == Environment::Test;
  rules.phones = rules.any_country || !call.config().sms_channel.binds.empty();
  if (sending != nullptr) {
    rules.country = sending->rules.sms_country;
    rules.open_countries = sending->rules.sms_prefixes;
  }
  auto accepted = read_message(*input, rules);
  if (!accepted) {
    const InputRefusal& refusal = accepted.error();
    if (refusal.status == 413) return std::unexpected(call.refuse(413, {}, refusal.text));
    return std::unexpected(call.refuse(refusal.status, refusal.text));
  }
  if (auto why = sender_problem(*accepted, call.config(), sending)) {
    return std::unexpected(call.refuse(422, std::move(*why)));
  }
  return std::move(*accepted);
}

Message posted_message(const Call& call, WorkspaceId workspace, AcceptedMessage accepted,
                       const Clock& clock, Random& random) {
  const Caller& caller = call.caller();
  Message message{.id = make_message_id(clock, random),
                  .account = caller.account,
                  .workspace = workspace,
                  .user = caller.user,
                  .application = caller.application,
                  .environment = caller.environment,
                  .from_name = caller.display_name,
                  .username = caller.username,
                  .created_us = clock.unix_us(),
                  .content = std::move(accepted.content),
                  .recipients = std::move(accepted.recipients),
                  .sender = std::move(accepted.from),
                  .sms_sender = std::move(accepted.alias),
                  .kind = accepted.kind,
                  .not_before_us = accepted.not_before_us,
                  .repetition = std::move(accepted.repetition)};
  const std::int64_t begins = std::max(message.created_us, message.not_before_us);
  if (accepted.validity_us != 0) message.expires_us = begins + accepted.validity_us;
  for (Recipient& recipient : message.recipients) recipient.next_attempt_us = begins;
  return message;
}

// Copies of a message that repeats are not counted again: what they are is known from the start.
SendGuard guard_of(const Message& message, const SendingRecord* sending) {
  SendGuard guard;
  if (sending == nullptr) return guard;
  guard.per_minute = sending->rules.per_minute;
  guard.per_day = sending->rules.per_day;
  guard.sms_per_day = sending->rules.sms_per_day;
  std::uint32_t numbers = 0;
  for (const Recipient& one : message.recipients) {
    ++(one.channel == ChannelKind::Sms ? numbers : guard.email);
  }
  if (numbers > 0) {
    guard.sms = numbers * static_cast<std::uint32_t>(sms_parts(sms_text(message.content)));
  }
  const auto times = static_cast<std::uint32_t>(message.repetition.count) + 1;
  guard.email *= times;
  guard.sms *= times;
  return guard;
}

// The scope's parts have no '|' before the path, so that no two scopes read the same.
Idempotency idempotency_of(const Call& call, const std::string& body, const Clock& clock) {
  const auto key = call.request().field("idempotency-key");
  if (!key) return {};
  std::string_view path = call.request().path;
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  Idempotency idempotency;
  idempotency.key = *key;
  idempotency.scope =
      fmt::format("{}|{}|POST|{}", call.caller().account.hex(), call.caller().user.hex(), path);
  idempotency.body_hash = sha256(ascii_lower(call.media().content_type) + '\n' + body);
  idempotency.expires_us = clock.unix_us() + kIdempotencyUs;
  return idempotency;
}

std::optional<Document> schedule_echo(const Call& call, const Message& message) {
  if (message.not_before_us == 0) return std::nullopt;
  Document document{.xml_root = "message", .prefixes = Prefixes::ApiFirst};
  auto& members = document.root.members;
  members.push_back(text("to", message.content.to));
  members.push_back(text("subject", message.content.subject));
  members.push_back(text("body", message.content.body));
  members.push_back(text("messageType", "SCHEDULED"));
  members.push_back(text("scheduleDate", schedule_date(message.not_before_us, call.time_zone())));
  members.push_back(text("scheduleType", message.repetition.count > 0 ? "REPEAT" : "ONCE"));
  add_repetition(document.root, message.repetition);
  return document;
}

http::Response posted_answer(const Call& call, const InsertOutcome& outcome,
                             std::optional<Document> echo, const Clock& clock) {
  constexpr std::int64_t kMinuteUs = 60'000'000;
  constexpr std::int64_t kDayUs = 1440 * kMinuteUs;
  using Kind = InsertOutcome::Kind;
  if (outcome.kind == Kind::Conflict) {
    return call.refuse(422, "This Idempotency-Key was used before with another body");
  }
  if (outcome.kind == Kind::OverRate || outcome.kind == Kind::OverQuota) {
    const bool minute = outcome.kind == Kind::OverRate;
    http::Response response =
        call.refuse(429, minute ? "The account has sent as many messages as it may in a minute"
                                : "The account has sent as many messages as it may in a day");
    const std::int64_t period = minute ? kMinuteUs : kDayUs;
    const std::int64_t left = period - clock.unix_us() % period;
    response.head.add("Retry-After", std::to_string(left / 1'000'000 + 1));
    return response;
  }
  http::Response response;
  const std::string uri = call.uri("messages/" + outcome.id.hex());
  if (echo) {
    echo->root.members.push_back(links({call.link(uri, "self")}));
    for (const std::string_view name : {"validBody", "validSubject", "whatsappValidMessage"}) {
      echo->root.members.push_back(flag(name, true, Shown::JsonOnly));
    }
    response = call.answer(*call.accepted(), *echo);
  } else {
    response.head.set_status(202);
    response.head.add("Content-Type", call.accepted()->text);
    response.body = kAccepted;
  }
  response.head.add("Location", uri);
  if (outcome.kind == Kind::Replayed) response.head.add("Idempotency-Replay", "true");
  return response;
}

}  // namespace sallyport::messaging
