#include "admin/in_process.h"

#include <fmt/format.h>
#include <unistd.h>

#include "admin/commands.h"
#include "admin/secrets_directory.h"
#include "admin/services.h"
#include "config/parse.h"

namespace sallyport::admin {
namespace {

CommandReply refused(std::string text) { return {kRefused, "", "", std::move(text)}; }

}  // namespace

CommandReply run_in_process(const std::string& directory, CommandRequest request,
                            const OpenStore& open_store) {
  const std::string file = directory + "/sallyport.toml";
  if (::access(file.c_str(), F_OK) != 0) {
    return refused(
        fmt::format("there is no {0}; `sallyport init --data {1}` makes one", file, directory));
  }
  const config::Parsed parsed = config::load(file);
  if (!parsed.usable()) {
    std::string text;
    for (const config::Problem& problem : parsed.problems) {
      if (!problem.warning) text += (text.empty() ? "" : "\n") + problem.to_string();
    }
    return refused(std::move(text));
  }
  if (const auto closed = check_secrets_directory(directory); !closed) {
    return refused(closed.error().message);
  }
  auto audit_key = load_secret_key(directory, kAuditKey);
  if (!audit_key) return refused(audit_key.error().message);
  auto store = open_store(directory, std::move(*audit_key));
  if (!store && store.error().kind == ErrorKind::Conflict) {
    return refused(
        fmt::format("{}; but nobody answers at {}/admin.sock", store.error().message, directory));
  }
  if (!store) return refused(store.error().message);

  const SystemClock clock;
  SystemRandom random;
  CommandServices services = make_services(parsed.config, clock, random);
  services.explain = [&](const ExplainRequest& question) {
    return explain_from_store(parsed.config, (*store)->entities(), (*store)->quotas(), clock,
                              random, question);
  };
  auto commands = Commands::open((*store)->entities(), std::move(services));
  if (!commands) return refused(commands.error().message);
  request.actor = fmt::format("uid {}", ::geteuid());
  return (*commands)->execute(request);
}

}  // namespace sallyport::admin
