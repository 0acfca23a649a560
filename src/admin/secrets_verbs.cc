#include <fmt/format.h>

#include "admin/json_text.h"
#include "admin/run.h"
#include "admin/verbs.h"
#include "base/time_text.h"
#include "config/reading.h"

namespace sallyport::admin {
namespace {

constexpr std::int64_t kMostOverlap_ms = 24LL * 3600 * 1000;  // no token lives longer

CommandReply described(const auth::SigningKeys& keys, std::int64_t now_us) {
  CommandReply reply;
  std::vector<std::string> elements;
  for (const auth::OwnKey& one : keys.keys()) {
    const bool over = one.until_us != 0 && one.until_us <= now_us;
    const std::string_view state = one.until_us == 0 ? "signs" : over ? "over" : "verifies";
    const auth::PublicKey& shown = one.key.public_key();
    const std::string until = one.until_us == 0 ? "" : rfc3339_seconds(one.until_us);
    reply.text += fmt::format(
        "{}  {}  {:<8}  made {}{}\n", shown.kid, config::to_string(shown.algorithm), state,
        rfc3339_seconds(one.created_us), until.empty() ? "" : ", until " + until);
    elements.push_back(JsonObject()
                           .text("kid", shown.kid)
                           .text("algorithm", config::to_string(shown.algorithm))
                           .text("state", state)
                           .text("created", rfc3339_seconds(one.created_us))
                           .text_or_null("until", until)
                           .str());
  }
  reply.json = json_array(elements);
  return reply;
}

CommandReply secrets_list(Run& run) {
  if (!run.services().signing_keys) run.refuse("signing keys are not available here");
  if (run.failed()) return run.refusal();
  const auth::SigningKeys keys = run.take(run.services().signing_keys());
  return run.failed() ? run.refusal() : described(keys, run.now_us());
}

// How long the keys before the new one stay good; as long as a token lives when nothing is said.
std::int64_t overlap_us(Run& run) {
  if (!run.has("overlap")) return run.services().tokens.lifetime.count() * 1'000;
  const std::string text = run.one("overlap");
  const auto overlap = config::parse_duration(text);
  if (!overlap || overlap->count() > kMostOverlap_ms) {
    run.refuse(fmt::format("--overlap must be a duration like 30m, at most 24h, not \"{}\"", text));
    return 0;
  }
  return overlap->count() * 1'000;
}

CommandReply secrets_rotate(Run& run) {
  if (!run.services().signing_keys) run.refuse("signing keys are not available here");
  if (run.failed()) return run.refusal();
  auth::SigningKeys keys;
  if (auto there = run.services().signing_keys()) {
    keys = std::move(*there);
  } else if (there.error().kind != ErrorKind::NotFound) {
    run.take(std::move(there));
  }
  const std::int64_t overlap = overlap_us(run);
  if (run.failed()) return run.refusal();
  keys.rotate(run.services().tokens.algorithm, run.now_us(), overlap, run.random());
  const std::string kid = keys.keys().front().key.public_key().kid;
  Change change;
  change.audit.subject = "signing key " + kid;
  change.audit.json = JsonObject().number("overlap_s", overlap / 1'000'000).str();
  change.events.push_back({"signing_key.rotated", "signing key " + kid, {}, "{}", run.now_us()});
  // Written down first: what cannot be audited is not done.
  if (auto refused = run.commit(std::move(change))) return std::move(*refused);
  run.take(run.services().put_signing_keys(keys));
  return run.failed() ? run.refusal() : described(keys, run.now_us());
}

}  // namespace

std::vector<ActionInfo> secrets_actions() {
  return {
      {"secrets",
       "list",
       "",
       "Lists the keys that sign tokens, without what is secret.",
       secrets_list,
       {}},
      {"secrets",
       "rotate-signing-key",
       "",
       "Makes a new key that signs tokens from now on.",
       secrets_rotate,
       {{"overlap", "DURATION",
         "How long tokens of the old key stay good; 0s ends them at once. Default: "
         "tokens.lifetime."}}},
  };
}

}  // namespace sallyport::admin
