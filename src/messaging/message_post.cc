#include <fmt/core.h>

#include <algorithm>

#include "base/crypto.h"
#include "base/encoding.h"
#include "messaging/json_reader.h"
#include "messaging/resources.h"
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

std::expected<AcceptedMessage, http::Response> read_posted(const Call& call,
                                                           const std::string& body) {
  const auto type = body_type(call.media(), call.config().messaging.vendor);
  const auto input =
      type && type->format == Format::Json ? read_json(body) : read_xml(body, "message");
  if (!input) return std::unexpected(call.refuse(400, {}, input.error().detail));
  const InputRules rules{.raw_bytes = body.size(),
                         .message_bytes = call.config().messaging.message_bytes,
                         .reserved = ReservedDomains(user_domain(call))};
  auto accepted = read_message(*input, rules);
  if (!accepted) {
    const InputRefusal& refusal = accepted.error();
    if (refusal.status == 413) return std::unexpected(call.refuse(413, {}, refusal.text));
    return std::unexpected(call.refuse(refusal.status, refusal.text));
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
                  .recipients = std::move(accepted.recipients)};
  for (Recipient& recipient : message.recipients) recipient.next_attempt_us = message.created_us;
  return message;
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

http::Response posted_answer(const Call& call, const InsertOutcome& outcome) {
  if (outcome.kind == InsertOutcome::Kind::Conflict) {
    return call.refuse(422, "This Idempotency-Key was used before with another body");
  }
  http::Response response;
  response.head.set_status(202);
  response.head.add("Content-Type", call.accepted()->text);
  response.head.add("Location", call.uri("messages/" + outcome.id.hex()));
  if (outcome.kind == InsertOutcome::Kind::Replayed) {
    response.head.add("Idempotency-Replay", "true");
  }
  response.body = kAccepted;
  return response;
}

}  // namespace sallyport::messaging
