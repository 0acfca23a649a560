#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "admin/answers.h"
#include "admin/json_text.h"
#include "admin/verbs.h"
#include "auth/api_key.h"
#include "base/time_text.h"
#include "limit/log_audit.h"
#include "limit/scope.h"

namespace sallyport::admin {
namespace {

constexpr std::int64_t kDefaultRows = 50;
constexpr std::int64_t kMostRows = 100'000;

CommandReply audit_list(Run& run) {
  std::int64_t limit = kDefaultRows;
  if (run.has("limit")) {
    const std::string text = run.one("limit");
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc() || end != text.data() + text.size() || limit < 1 ||
        limit > kMostRows) {
      run.refuse(fmt::format("--limit must be a number from 1 to {}, not \"{}\"", kMostRows, text));
    }
  }
  if (run.failed()) return run.refusal();
  const auto rows = run.take(run.store().audit_rows(limit));
  if (run.failed()) return run.refusal();
  CommandReply reply;
  std::vector<std::string> elements;
  for (const auth::AuditRow& row : rows) {
    reply.text += fmt::format("{:>6}  {}  {:<8}  {:<24}  {}\n", row.sequence,
                              rfc3339_seconds(row.entry.time_us), row.entry.actor, row.entry.action,
                              row.entry.subject);
    elements.push_back(JsonObject()
                           .number("sequence", row.sequence)
                           .text("time", rfc3339(row.entry.time_us))
                           .text("actor", row.entry.actor)
                           .text("action", row.entry.action)
                           .text("subject", row.entry.subject)
                           .raw("change", row.entry.json)
                           .text("mac", row.mac_hex)
                           .str());
  }
  if (rows.empty()) reply.text = "none\n";
  reply.json = json_array(elements);
  return reply;
}

CommandReply audit_verify(Run& run) {
  const std::string since = run.one("since");
  if (run.has("since") && since.empty()) run.bad_usage("--since must not be empty");
  if (run.failed()) return run.refusal();
  const auth::AuditVerdict verdict = run.take(run.store().verify_audit(since));
  if (run.failed()) return run.refusal();
  CommandReply reply;
  reply.json =
      JsonObject()
          .truth("intact", verdict.intact)
          .number("rows", verdict.rows)
          .number("signed_heads", verdict.heads)
          .raw("first_bad", verdict.first_bad == 0 ? "null" : std::to_string(verdict.first_bad))
          .text("head", verdict.head_hex)
          .text_or_null("problem", verdict.problem)
          .str();
  if (verdict.intact) {
    reply.text = fmt::format("intact: {} rows, head {}; {} signed heads fit\n", verdict.rows,
                             verdict.head_hex, verdict.heads);
  } else {
    reply.exit_code = kRefused;
    reply.error = fmt::format("the audit log was changed: {}", verdict.problem);
  }
  return reply;
}

// What the log is to be checked against, a line each; the command line does the checking.
CommandReply audit_limits(Run& run) {
  CommandReply reply;
  const auto add = [&reply](limit::Holder holder, std::string name, Limits limits, ZoneId zone) {
    if (!limits.has_rate() && !limits.quota) return;
    if (limits.quota && !limits.quota_zone) limits.quota_zone = zone;
    reply.text += limit::to_line({holder, std::move(name), limits}) + "\n";
  };
  const Model& model = run.model();
  for (const auto& [api, total] : run.services().api_totals) {
    add(limit::Holder::Api, api, total, {});
  }
  for (const Account* account : model.accounts.all()) {
    add(limit::Holder::Account, account->id.hex(), account->limits, {});
  }
  for (const Subscription* one : model.subscriptions.all()) {
    const Plan* plan = model.plans.find(one->plan);
    const Application* application = model.applications.find(one->application);
    const Account* account =
        application == nullptr ? nullptr : model.accounts.find(application->account);
    if (plan == nullptr || account == nullptr) continue;
    // Where an opening has limits of its own, the log does not say which requests they counted.
    const bool mixed = std::ranges::any_of(
        plan->opens, [](const PlanOpening& opening) { return !opening.own.empty(); });
    const ZoneId zone = find_zone(account->time_zone).value_or(kUtc);
    if (mixed) {
      reply.text += "# not checked: subscription " + one->id.hex() +
                    ": its plan has openings with limits of their own\n";
    } else {
      add(limit::Holder::Subscription, one->id.hex(),
          limit::resolved(plan->limits, &one->overrides), zone);
    }
    for (const ApiKey* key : model.keys.of(one->id)) {
      add(limit::Holder::Key, auth::key_id_text(key->id), key->limits, zone);
    }
  }
  return reply;
}

CommandReply explain(Run& run) {
  ExplainRequest request{run.one("method"), run.one("host"), run.one("path"), {}, {}, {}};
  if (run.has("key")) request.key = run.take(run.model().key(run.one("key"))).id;
  if (run.has("key-stdin")) {
    request.secret = run.secret("key");
    if (!request.secret) run.bad_usage("--key-stdin: no key on standard input");
    if (run.has("key")) run.bad_usage("--key and --key-stdin exclude each other");
  }
  if (run.has("user")) request.user = run.one("user");
  if (!run.services().explain) run.refuse("explain is not available here");
  if (run.failed()) return run.refusal();
  const Explanation explanation = run.take(run.services().explain(request));
  if (run.failed()) return run.refusal();
  return {kDone, explanation.text, explanation.json, ""};
}

}  // namespace

std::vector<ActionInfo> audit_actions() {
  return {
      {"audit",
       "list",
       "",
       "Lists the newest changes first.",
       audit_list,
       {{"limit", "NUMBER", "How many at most. Default: 50."}}},
      {"audit",
       "verify",
       "",
       "Checks that no row was changed or taken out.",
       audit_verify,
       {{"since", "HEAD",
         "A signed head that was kept, from the system log say: its row must be there."}}},
      {"audit",
       "limits",
       "FILE",
       "Reads an access log and says whether the limits held: rates and quotas as they are now, of "
       "every API, account, subscription and key.",
       audit_limits,
       {}},
      {"explain",
       "",
       "",
       "Says what each check answers to a request, and why; touches no counter.",
       explain,
       {{"method", "METHOD", "The request's method, like GET.", true, false},
        {"host", "HOST", "The host it is sent to.", true, false},
        {"path", "PATH", "Its path, with a query if it has one.", true, false},
        {"key", "KEY-ID", "The API key, by its id."},
        {"key-stdin", "", "Reads the API key itself from standard input."},
        {"user", "USER", "The user, as if the password were right."}},
       SecretInput::Key},
  };
}

}  // namespace sallyport::admin
