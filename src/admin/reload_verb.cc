// `sallyport reload`: the running server reads its configuration and certificates again.
#include <fmt/format.h>

#include "admin/json_text.h"
#include "admin/run.h"
#include "admin/verbs.h"

namespace sallyport::admin {
namespace {

CommandReply reload(Run& run) {
  if (!run.services().reload) run.refuse("no server runs here; the next start reads everything");
  if (run.failed()) return run.refusal();
  const ReloadReport report = run.take(run.services().reload());
  if (run.failed()) return run.refusal();
  CommandReply reply;
  reply.text = fmt::format("generation {} is in force\n", report.generation);
  std::vector<std::string> elements;
  for (const std::string& one : report.takes_restart) {
    reply.text += fmt::format("takes a restart: {}\n", one);
    elements.push_back(json_string(one));
  }
  reply.json = JsonObject()
                   .number("generation", static_cast<std::int64_t>(report.generation))
                   .raw("takes_restart", json_array(elements))
                   .str();
  return reply;
}

}  // namespace

std::vector<ActionInfo> reload_actions() {
  return {{"reload",
           "",
           "",
           "Has the running server read its configuration and certificates again.",
           reload,
           {}}};
}

}  // namespace sallyport::admin
