#include "admin/in_process.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "admin/commands.h"
#include "admin/secrets_directory.h"
#include "admin/services.h"
#include "config/parse.h"

namespace sallyport::admin {

struct InProcess::State {
  config::Config config;
  const SystemClock clock;
  SystemRandom random;
  std::unique_ptr<LockedStore> store;
  std::unique_ptr<Commands> commands;
};

Result<std::unique_ptr<InProcess>> InProcess::open(const std::string& directory,
                                                   const OpenStore& open_store) {
  const std::string file = directory + "/sallyport.toml";
  if (::access(file.c_str(), F_OK) != 0) {
    return fail(
        ErrorKind::NotFound,
        fmt::format("there is no {0}; `sallyport init --data {1}` makes one", file, directory));
  }
  config::Parsed parsed = config::load(file);
  if (!parsed.usable()) {
    std::string text;
    for (const config::Problem& problem : parsed.problems) {
      if (!problem.warning) text += (text.empty() ? "" : "\n") + problem.to_string();
    }
    return fail(ErrorKind::Invalid, std::move(text));
  }
  if (auto closed = check_secrets_directory(directory); !closed) {
    return std::unexpected(closed.error());
  }
  auto audit_key = load_secret_key(directory, kAuditKey);
  if (!audit_key) return std::unexpected(audit_key.error());
  auto store = open_store(directory, std::move(*audit_key));
  if (!store && store.error().kind == ErrorKind::Conflict) {
    return fail(ErrorKind::Conflict, fmt::format("{}; but nobody answers at {}/admin.sock",
                                                 store.error().message, directory));
  }
  if (!store) return std::unexpected(store.error());

  auto state = std::make_unique<State>();
  state->config = std::move(parsed.config);
  state->store = std::move(*store);
  CommandServices services = make_services(state->config, state->clock, state->random);
  services.messages = state->store->messages();
  services.explain = [raw = state.get()](const ExplainRequest& question) {
    return explain_from_store(raw->config, raw->store->entities(), raw->store->quotas(), raw->clock,
                              raw->random, question);
  };
  services.look_at_quota = [raw = state.get()](SubscriptionId subscription, std::string_view scope,
                                               const Limits& limits) {
    return look_at_quota_from_store(raw->store->quotas(), raw->clock, subscription, scope, limits);
  };
  services.usage = [raw = state.get()](const limit::UsageQuery& query) {
    return raw->store->usage().usage(query);
  };
  services.ask_roles = [raw = state.get()](const RoleQuestion& question) {
    return ask_roles_from_store(raw->config, raw->store->entities(), question);
  };
  auto commands = Commands::open(state->store->entities(), std::move(services));
  if (!commands) return std::unexpected(commands.error());
  state->commands = std::move(*commands);
  return std::make_unique<InProcess>(std::move(state));
}

InProcess::InProcess(std::unique_ptr<State> state) : state_(std::move(state)) {}
InProcess::~InProcess() = default;

CommandReply InProcess::execute(CommandRequest request) {
  request.actor = fmt::format("uid {}", ::geteuid());
  CommandReply reply = state_->commands->execute(request);
  sign_audit_head(state_->store->entities(), state_->clock);
  return reply;
}

CommandReply run_in_process(const std::string& directory, CommandRequest request,
                            const OpenStore& open_store) {
  auto opened = InProcess::open(directory, open_store);
  if (!opened) return {kRefused, "", "", opened.error().message};
  return (*opened)->execute(std::move(request));
}

}  // namespace sallyport::admin
