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
#include "base/table.h"
#include "gateway/explain.h"
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

}  // namespace sallyport::admin
