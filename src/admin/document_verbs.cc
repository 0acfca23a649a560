#include <fmt/format.h>

#include <algorithm>

#include "admin/answers.h"
#include "admin/apply.h"
#include "admin/document_text.h"
#include "admin/json_text.h"
#include "admin/verbs.h"

namespace sallyport::admin {
namespace {

constexpr std::size_t kToldInAudit = 1'000;  // changes named in one audit row

CommandReply export_all(Run& run) {
  if (run.failed()) return run.refusal();
  return {kDone, export_document(run.model(), run.has("with-verifiers")), "", ""};
}

// "FILE:3:1: what", a line each.
CommandReply problems_of(const std::string& file, const DocumentProblems& problems) {
  std::string text = fmt::format("nothing was changed: {} problem{}", problems.size(),
                                 problems.size() == 1 ? "" : "s");
  for (const DocumentProblem& one : problems) {
    text += one.place.line == 0
                ? fmt::format("\n{}: {}", file, one.text)
                : fmt::format("\n{}:{}:{}: {}", file, one.place.line, one.place.column, one.text);
  }
  return {kRefused, "", "", std::move(text)};
}

std::string steps_json(const ApplyPlan& plan, std::size_t most) {
  std::vector<std::string> steps;
  for (const PlannedStep& step : plan.steps) {
    if (steps.size() == most) break;
    steps.push_back(JsonObject()
                        .text("change", step.sign == '+'   ? "create"
                                        : step.sign == '-' ? "delete"
                                                           : "update")
                        .text("kind", step.kind)
                        .text("id", step.id)
                        .text("text", step.text)
                        .str());
  }
  return json_array(steps);
}

CommandReply reply_of_plan(const ApplyPlan& plan, bool dry) {
  const auto count = [&plan](char sign) {
    return std::ranges::count(plan.steps, sign, &PlannedStep::sign);
  };
  CommandReply reply;
  for (const PlannedStep& step : plan.steps) {
    reply.text += fmt::format("{} {}\n", step.sign, step.text);
  }
  std::vector<std::string> notes;
  for (const std::string& note : plan.notes) {
    reply.text += fmt::format("note: {}\n", note);
    notes.push_back(json_string(note));
  }
  reply.text += fmt::format("{}{} created, {} changed, {} deleted{}\n", dry ? "would be: " : "",
                            count('+'), count('~'), count('-'), dry ? "; nothing was changed" : "");
  reply.json = JsonObject()
                   .truth("dry_run", dry)
                   .number("created", count('+'))
                   .number("changed", count('~'))
                   .number("deleted", count('-'))
                   .raw("changes", steps_json(plan, plan.steps.size()))
                   .raw("notes", json_array(notes))
                   .str();
  return reply;
}

CommandReply apply(Run& run) {
  const auto document = run.secret("document");
  if (!document) run.bad_usage("no document: name its file");
  if (run.failed()) return run.refusal();
  ApplyPlan plan = plan_apply(run, *document, run.has("prune"));
  if (!plan.problems.empty()) return problems_of(run.subject(), plan.problems);
  if (const auto refused = run.store().check(plan.change); !refused) {
    return problems_of(run.subject(), {{{}, refused.error().message}});
  }
  const bool dry = run.has("dry-run");
  CommandReply reply = reply_of_plan(plan, dry);
  if (dry || plan.steps.empty()) return reply;
  plan.change.audit.subject = fmt::format("{} entities", plan.steps.size());
  plan.change.audit.json = JsonObject()
                               .number("changes", std::ssize(plan.steps))
                               .raw("named", steps_json(plan, kToldInAudit))
                               .str();
  if (auto failed = run.commit(std::move(plan.change))) return *failed;
  return reply;
}

}  // namespace

std::vector<ActionInfo> document_actions() {
  return {
      {"export",
       "",
       "",
       "Prints all entities as a document for `apply`.",
       export_all,
       {{"with-verifiers", "", "With the digests of keys and the verifiers of passwords."}}},
      {"apply",
       "",
       "FILE",
       "Makes the entities as a document says, all of it or nothing.",
       apply,
       {{"dry-run", "", "Says what would change, and changes nothing."},
        {"prune", "", "Deletes what the document does not name, of the kinds that it has."}},
       SecretInput::Document},
  };
}

}  // namespace sallyport::admin
