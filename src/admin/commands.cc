#include "admin/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "admin/run.h"
#include "admin/verbs.h"

namespace sallyport::admin {
namespace {

// What the command line checks too; the socket takes requests from anybody with the right.
std::string usage_problem(const CommandRequest& request, const ActionInfo& action) {
  const bool named = request.words.size() > 2 && !request.words[2].empty();
  if (!action.subject.empty() && !named && !action.subject_optional)
    return fmt::format("{} is missing", action.subject);
  if (request.words.size() > (action.subject.empty() ? 2U : 3U)) {
    // Not repeated: it may be a secret that went to the wrong place.
    return "there are more words than the command takes";
  }
  for (const auto& [name, values] : request.options) {
    const auto known = std::ranges::find(action.options, name, &OptionInfo::name);
    if (known == action.options.end()) return fmt::format("unknown option --{}", name);
    if (!known->repeats && values.size() > 1) {
      return fmt::format("--{} may be given only once", name);
    }
  }
  for (const OptionInfo& option : action.options) {
    const auto given = request.options.find(std::string(option.name));
    if (option.required && (given == request.options.end() || given->second.empty())) {
      return fmt::format("--{} is required", option.name);
    }
  }
  return {};
}

constexpr std::size_t kMostUnwritten = 1'000'000;

std::string action_name(const CommandRequest& request) {
  const bool has_action = request.words.size() > 1 && !request.words[1].empty();
  return has_action ? request.words[0] + "." + request.words[1] : request.words[0];
}

// Who asks, and for whom.
std::string actor_of(const CommandRequest& request) {
  const auto by = request.options.find("by");
  return by == request.options.end() ? request.actor
                                     : request.actor + " for user " + by->second.back();
}

// In an emergency a change that only takes away goes before its record.
bool holds_without_store(std::string_view action) {
  return action == "key.revoke" || action == "user.block";
}

}  // namespace

Result<std::unique_ptr<Commands>> Commands::open(auth::EntityStore& store,
                                                 CommandServices services) {
  const auto entities = store.load_few();
  if (!entities) return std::unexpected(entities.error());
  return std::make_unique<Commands>(store, std::move(services), *entities);
}

Commands::Commands(auth::EntityStore& store, CommandServices services, const Entities& entities)
    : store_(store), services_(std::move(services)), model_(entities, store) {}

void Commands::know(std::vector<std::string> apis, std::vector<std::string> operations,
                    std::vector<access::RouteShape> routes) {
  services_.apis = std::move(apis);
  services_.operations = std::move(operations);
  services_.routes = std::move(routes);
}

CommandReply Commands::execute(const CommandRequest& request) {
  if (request.words.empty()) return {kBadUsage, "", "", "no command"};
  const std::string action_word = request.words.size() > 1 ? request.words[1] : "";
  const ActionInfo* action = find_action(request.words[0], action_word);
  if (action == nullptr) {
    return {kBadUsage, "", "",
            fmt::format("there is no command \"{}{}{}\"", request.words[0],
                        action_word.empty() ? "" : " ", action_word)};
  }
  if (std::string problem = usage_problem(request, *action); !problem.empty()) {
    return {kBadUsage, "", "", std::move(problem)};
  }
  Run run(request, model_, services_, store_, [&](Change change) {
    return commit(actor_of(request), action_name(request), std::move(change));
  });
  model_.take_failure();
  CommandReply reply = action->run(run);
  // What was not found may be there.
  if (const auto unread = model_.take_failure(); unread && reply.exit_code != kBadUsage) {
    return {kRefused, "", "", unread->message};
  }
  return reply;
}

void Commands::note_uses(std::vector<auth::KeyUse> uses) {
  end_idle_reads();
  std::ranges::move(uses, std::back_inserter(unwritten_uses_));
  if (unwritten_uses_.empty()) return;
  if (store_.touch_keys(unwritten_uses_)) {
    unwritten_uses_.clear();
  } else if (unwritten_uses_.size() > kMostUnwritten) {
    unwritten_uses_.clear();  // the store has been away for long; the next use is as good
  }
}

Result<void> Commands::make(const std::string& actor, const std::string& action, Change change) {
  return commit(actor, action, std::move(change));
}

Result<void> Commands::commit(const std::string& actor, const std::string& action, Change change) {
  if (const auto unread = model_.take_failure()) {
    return fail(unread->kind, fmt::format("nothing was changed: {}", unread->message));
  }
  change.audit.time_us = services_.clock->unix_us();
  change.audit.actor = actor;
  change.audit.action = action;
  const auto stored = store_.apply(change);
  if (!stored && !holds_without_store(change.audit.action)) {
    return fail(stored.error().kind,
                fmt::format("nothing was changed: {}", stored.error().message));
  }
  for (const ChangeListener& listener : listeners_) listener(change);
  model_.take(change, stored.has_value());
  if (!stored) {
    return fail(stored.error().kind, fmt::format("in force, but not durable: {}; repeat it once "
                                                 "the store can be written",
                                                 stored.error().message));
  }
  return {};
}

}  // namespace sallyport::admin
