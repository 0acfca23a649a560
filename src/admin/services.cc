#include "admin/services.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "access/pattern.h"
#include "access/policy.h"
#include "admin/api_routes.h"
#include "admin/json_text.h"
#include "admin/secrets_directory.h"
#include "auth/account_names.h"
#include "auth/api_key.h"
#include "auth/directory.h"
#include "auth/failure_budget.h"
#include "auth/password_hash.h"
#include "auth/token/signature_checks.h"
#include "auth/verifier.h"
#include "base/log.h"
#include "base/table.h"
#include "gateway/explain.h"
#include "http/canonical.h"
#include "limit/thresholds.h"

namespace sallyport::admin {
namespace {

std::vector<std::string> names_of_apis(const config::Config& config) {
  std::vector<std::string> names;
  names.reserve(config.apis.size());
  for (const config::Api& api : config.apis) names.push_back(api.name);
  return names;
}

auth::Argon2Cost cost_of(const config::Config& config) {
  return {config.auth.argon2_memory_kib, config.auth.argon2_passes, config.auth.argon2_lanes};
}

std::string_view word_of(gateway::ExplainedStep::Result result) {
  switch (result) {
    case gateway::ExplainedStep::Result::Pass: return "pass";
    case gateway::ExplainedStep::Result::Refuse: return "refuse";
    case gateway::ExplainedStep::Result::Unknown: return "unknown";
  }
  return "unknown";
}

// The routes lead nowhere: an explanation ends before the handler.
Result<std::unique_ptr<gateway::Router>> build_router(const config::Config& config,
                                                      const access::Catalog& catalog,
                                                      const auth::Directory& directory,
                                                      const std::vector<Account>& accounts) {
  std::vector<gateway::ApiSpec> specs;
  for (const config::Api& api : config.apis) {
    auto named = auth::find_accounts(directory, accounts, api.accounts);
    if (!named) return std::unexpected(named.error());
    gateway::ApiSpec spec{api, {}, std::move(*named)};
    for (config::VirtualHost& host : spec.settings.hosts) {
      if (host.public_url.empty()) host.public_url = "https://" + host.host;
    }
    spec.routes = api_routes(api, [](const config::Route*) { return nullptr; });
    specs.push_back(std::move(spec));
  }
  return gateway::Router::build(std::move(specs), catalog);
}

}  // namespace

std::vector<access::RouteShape> shapes_of_routes(const config::Config& config) {
  std::vector<access::RouteShape> shapes;
  for (const config::Api& api : config.apis) {
    for (const auto& route : api_routes(api, [](const config::Route*) { return nullptr; })) {
      auto pattern = access::Pattern::parse(route.pattern);
      if (!pattern) continue;
      shapes.push_back({api.name, std::string(http::to_string(route.method)), std::move(*pattern),
                        route.operation});
    }
  }
  return shapes;
}

CommandServices make_services(const config::Config& config, const Clock& clock, Random& random) {
  CommandServices services;
  services.hash_password = [cost = cost_of(config), &random](std::string_view password) {
    return auth::hash_password(password, cost, random);
  };
  services.generate_key = [&random](Environment environment) -> Result<NewKey> {
    auth::GeneratedKey key = auth::generate_key(environment, random);
    return NewKey{key.id, std::move(key.text), key.digest, std::move(key.hint)};
  };
  services.generate_password = [&random]() -> Result<NewPassword> {
    auth::GeneratedPassword password = auth::generate_password(random);
    return NewPassword{std::move(password.text), std::move(password.verifier)};
  };
  services.check_pattern = [](std::string_view pattern) -> Result<void> {
    const auto parsed = access::Pattern::parse(pattern);
    if (!parsed) return std::unexpected(parsed.error());
    return {};
  };
  services.signing_keys = [directory = config.base_directory] {
    return load_signing_keys(directory);
  };
  services.put_signing_keys = [directory = config.base_directory](const auth::SigningKeys& keys) {
    return store_signing_keys(directory, keys);
  };
  services.tokens = config.tokens;
  services.apis = names_of_apis(config);
  for (const config::Api& api : config.apis) services.api_totals.emplace_back(api.name, api.total);
  services.operations = operation_names(config);
  services.data_directory = config.base_directory;
  services.routes = shapes_of_routes(config);
  services.clock = &clock;
  services.random = &random;
  return services;
}

Result<Explanation> explain_with(const gateway::Router& router, const gateway::Doors& doors,
                                 const ExplainRequest& request) {
  gateway::ExplainQuestion question;
  const auto method = http::parse_method(request.method);
  if (!method) {
    return fail(ErrorKind::Invalid,
                fmt::format("\"{}\" is no method; they are written like GET", request.method));
  }
  question.method = *method;
  question.host = request.host;
  question.target = request.path;
  question.key_id = request.key;
  if (request.secret) question.key_text = *request.secret;
  question.user = request.user;
  const auto steps = gateway::explain(router, doors, question);

  Explanation explanation;
  explanation.admitted = gateway::admitted(steps);
  std::vector<std::string> elements;
  for (const gateway::ExplainedStep& step : steps) {
    const bool refused = step.result == gateway::ExplainedStep::Result::Refuse;
    explanation.text +=
        fmt::format("{:<16}  {:<7}  {}{}{}\n", step.filter, word_of(step.result),
                    refused ? to_string(step.reason) : "", refused ? ": " : "", step.rule);
    elements.push_back(JsonObject()
                           .text("filter", step.filter)
                           .text("result", word_of(step.result))
                           .text_or_null("reason", refused ? to_string(step.reason) : "")
                           .text("rule", step.rule)
                           .str());
  }
  explanation.text +=
      explanation.admitted ? "the request is let in\n" : "the request is not let in\n";
  explanation.json =
      JsonObject().truth("admitted", explanation.admitted).raw("steps", json_array(elements)).str();
  return explanation;
}

namespace {

const gateway::Api* api_named(const gateway::Router& router, const std::string& name) {
  for (const auto& api : router.apis()) {
    if (name.empty() || api->settings.name == name) return api.get();
  }
  return nullptr;
}

// The route that a path leads to, and the workspace that it names.
Result<void> find_route(const gateway::Router& router, const gateway::Api& api,
                        const RoleQuestion& question, http::Request& request,
                        access::Question& asked, RoleAnswer& answer) {
  const auto method = http::parse_method(question.method);
  if (!method) {
    return fail(ErrorKind::Invalid,
                fmt::format("\"{}\" is no method; they are written like GET", question.method));
  }
  request.method = *method;
  const std::string& host = api.settings.hosts.front().host;
  if (const char* wrong = http::make_canonical(request, question.path, host)) {
    return fail(ErrorKind::Invalid, fmt::format("the path \"{}\": {}", question.path, wrong));
  }
  const gateway::RouteMatch match = router.match(request);
  if (match.reason != Reason::Ok) {
    return fail(ErrorKind::NotFound,
                fmt::format("{} {}: {}{}{}", question.method, question.path, describe(match.reason),
                            match.allow.empty() ? "" : "; it takes ", match.allow));
  }
  asked.operation = match.route->operation_index;
  asked.method = *method == http::Method::Options ? match.route->method : *method;
  asked.segments = request.segments;
  answer.operation = match.route->operation;
  const std::size_t at = match.route->workspace_segment;
  answer.workspace = at == gateway::Route::kNoSegment
                         ? question.default_workspace
                         : WorkspaceId::parse(request.segments[at]).value_or(WorkspaceId{});
  return {};
}

}  // namespace

Result<RoleAnswer> ask_roles_with(const gateway::Router& router, const access::Policy& policy,
                                  const RoleQuestion& question) {
  const gateway::Api* api = api_named(router, question.api);
  if (api == nullptr) {
    return fail(ErrorKind::NotFound,
                fmt::format("there is no API \"{}\" in the configuration", question.api));
  }
  RoleAnswer answer;
  http::Request request;
  access::Question asked;
  asked.api = api->index;
  if (!question.operation.empty()) {
    asked.operation = policy.catalog().operation(question.operation);
    if (asked.operation == access::Catalog::kNone) {
      return fail(ErrorKind::NotFound,
                  fmt::format("there is no operation \"{}\"", question.operation));
    }
    // No segment that a pattern could take: only rules by operation answer.
    static constexpr std::string_view kNowhere[] = {""};
    asked.segments = kNowhere;
    asked.method = http::Method::Connect;
    answer.operation = question.operation;
    answer.workspace = question.workspace;
  } else if (auto found = find_route(router, *api, question, request, asked, answer); !found) {
    return std::unexpected(found.error());
  }
  access::Decision decision =
      policy.decide(question.account, question.roles, answer.workspace, asked);
  answer.rule = policy.reason_for(decision, asked);
  if (question.shadow) {
    const auto candidate = policy.decide_shadow(question.account, question.roles, answer.workspace,
                                                asked, question.now_us);
    if (!candidate) return fail(ErrorKind::NotFound, "no role of these has a candidate in force");
    decision = *candidate;
    answer.rule = policy.shadow_reason_for(decision, asked);
  }
  answer.allowed = decision.allowed;
  return answer;
}

Result<RoleAnswer> ask_roles_from_store(const config::Config& config, auth::EntityStore& entities,
                                        const RoleQuestion& question) {
  const auto loaded = entities.load();
  if (!loaded) return std::unexpected(loaded.error());
  ImmediateReclaimer reclaimer;
  auth::Directory directory(reclaimer);
  access::Policy policy({names_of_apis(config), operation_names(config)}, reclaimer);
  directory.load(*loaded);
  policy.load(*loaded);
  const auto router = build_router(config, policy.catalog(), directory, loaded->accounts);
  if (!router) return std::unexpected(router.error());
  return ask_roles_with(**router, policy, question);
}

Result<Explanation> explain_from_store(const config::Config& config, auth::EntityStore& entities,
                                       limit::QuotaStore& quotas, const Clock& clock,
                                       Random& random, const ExplainRequest& request) {
  const auto loaded = entities.load();
  if (!loaded) return std::unexpected(loaded.error());
  const auto marks = quotas.load_quota_marks();
  if (!marks) return std::unexpected(marks.error());
  ImmediateReclaimer reclaimer;
  auth::Directory directory(reclaimer);
  access::Policy policy({names_of_apis(config), operation_names(config)}, reclaimer);
  limit::Thresholds thresholds(clock, quotas, reclaimer);
  auth::Verifier verifier({cost_of(config), 1, 1, 1}, random);
  auth::SignatureChecks signatures({1, 1});
  auth::FailureBudget budget({config.auth.refusals_per_second, config.auth.refusals_burst}, clock,
                             random);
  auth::GuessBudget guesses({}, clock, random);
  auth::FamiliarSources sources(clock);
  directory.load(*loaded);
  policy.load(*loaded);
  thresholds.load(*marks);
  thresholds.load(*loaded);
  for (const std::string& api : policy.catalog().apis()) thresholds.add_api(api);
  const auto router = build_router(config, policy.catalog(), directory, loaded->accounts);
  if (!router) return std::unexpected(router.error());
  return explain_with(**router,
                      {directory, policy, thresholds, verifier, budget, guesses, sources, nullptr,
                       clock, signatures},
                      request);
}

Result<limit::QuotaLook> look_at_quota_from_store(limit::QuotaStore& quotas, const Clock& clock,
                                                  SubscriptionId subscription,
                                                  std::string_view scope, const Limits& limits) {
  const auto marks = quotas.load_quota_marks();
  if (!marks) return std::unexpected(marks.error());
  ImmediateReclaimer reclaimer;
  limit::Thresholds thresholds(clock, quotas, reclaimer);
  thresholds.load(*marks);
  constexpr std::string_view kKey = "key:";
  const auto key = scope.starts_with(kKey) ? KeyId::parse(scope.substr(kKey.size())) : std::nullopt;
  if (key) {
    thresholds.add(*key, subscription);
  } else {
    thresholds.add(subscription, scope);
  }
  const auto look = thresholds.look(subscription, scope, limits);
  if (!look) return fail(ErrorKind::NotFound, "no such quota");
  return *look;
}

void sign_audit_head(auth::EntityStore& entities, const Clock& clock) {
  const auto head = entities.sign_audit_head(clock.unix_us());
  if (!head) return log::error("the audit log's end was not signed: " + head.error().message);
  if (!head->empty()) log::to_system("audit " + *head);
}

}  // namespace sallyport::admin
