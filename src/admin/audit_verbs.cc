#include <fmt/format.h>

#include <charconv>

#include "admin/answers.h"
#include "admin/json_text.h"
#include "admin/verbs.h"
#include "base/time_text.h"

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
  const auth::AuditVerdict verdict = run.take(run.store().verify_audit());
  if (run.failed()) return run.refusal();
  CommandReply reply;
  reply.json =
      JsonObject()
          .truth("intact", verdict.intact)
          .number("rows", verdict.rows)
          .raw("first_bad", verdict.first_bad == 0 ? "null" : std::to_string(verdict.first_bad))
          .text("head", verdict.head_hex)
          .str();
  if (verdict.intact) {
    reply.text = fmt::format("intact: {} rows, head {}\n", verdict.rows, verdict.head_hex);
  } else {
    reply.exit_code = kRefused;
    reply.error = fmt::format(
        "the audit log was changed: row {} of {} does not fit the one "
        "before it",
        verdict.first_bad, verdict.rows);
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
      {"audit", "verify", "", "Checks that no row was changed or taken out.", audit_verify, {}},
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
