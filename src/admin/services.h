// What commands need, from the parts that have it: keys and password hashes from auth, patterns
// from access, the names of APIs and operations, and explanations from the gateway's doors. Made
// once; the functions run on the thread that runs Commands.
#pragma once

#include <memory>

#include "admin/command.h"
#include "auth/entity_store.h"
#include "config/config.h"
#include "gateway/filter_chain.h"
#include "gateway/router.h"
#include "limit/quota_store.h"

namespace sallyport::admin {

// All but `explain`. `clock` and `random` outlive the services; `random` is used by nobody else.
CommandServices make_services(const config::Config& config, const Clock& clock, Random& random);

// In a server: asks the doors that are in use.
Result<Explanation> explain_with(const gateway::Router& router, const gateway::Doors& doors,
                                 const ExplainRequest& request);

// What rules can be held against: the routes that a configuration publishes.
std::vector<access::RouteShape> shapes_of_routes(const config::Config& config);

// The same two ways for the question of `role test`.
Result<RoleAnswer> ask_roles_with(const gateway::Router& router, const access::Policy& policy,
                                  const RoleQuestion& question);
Result<RoleAnswer> ask_roles_from_store(const config::Config& config, auth::EntityStore& entities,
                                        const RoleQuestion& question);

// Without a server: builds doors of its own from the store, for this one question.
Result<Explanation> explain_from_store(const config::Config& config, auth::EntityStore& entities,
                                       limit::QuotaStore& quotas, const Clock& clock,
                                       Random& random, const ExplainRequest& request);

// Without a server: from the marks in the store.
Result<limit::QuotaLook> look_at_quota_from_store(limit::QuotaStore& quotas, const Clock& clock,
                                                  SubscriptionId subscription,
                                                  std::string_view scope, const Limits& limits);
// Signs where the audit log ends and tells the system log, if something was added to it.
void sign_audit_head(auth::EntityStore& entities, const Clock& clock);

}  // namespace sallyport::admin
