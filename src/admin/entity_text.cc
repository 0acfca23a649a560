#include "admin/entity_text.h"

#include <fmt/format.h>

#include "admin/json_text.h"
#include "base/time_text.h"
#include "messaging/dkim.h"

namespace sallyport::admin {
namespace {

constexpr bool kListed = true;

std::string opening_text(const PlanOpening& opening) {
  const std::string own = short_text(opening.own);
  return match_text(opening.match) + (own.empty() ? "" : " ") + own;
}

class Description {
 public:
  Description& text(std::string name, std::string value, bool listed = false) {
    std::string json = value.empty() ? "null" : json_string(value);
    return add(std::move(name), std::move(value), std::move(json), listed);
  }
  // Programs get the id, people the name.
  template <class Tag>
  Description& reference(std::string name, Id<Tag> id, std::string shown, bool listed = false) {
    add(std::move(name), std::move(shown), id ? json_string(id.hex()) : "null", listed);
    return *this;
  }
  Description& status(Status status) {
    return text("status", std::string(to_string(status)), kListed);
  }
  Description& truth(std::string name, bool value, bool listed = false) {
    return add(std::move(name), value ? "yes" : "no", value ? "true" : "false", listed);
  }
  Description& time(std::string name, std::int64_t us, bool listed = false) {
    return text(std::move(name), us == 0 ? "" : rfc3339_seconds(us), listed);
  }
  Description& created(std::int64_t us) { return time("created", us); }
  template <class Integer>
  Description& limit(std::string name, const std::optional<Integer>& value, std::string_view none,
                     bool listed = false) {
    return add(std::move(name), value ? std::to_string(*value) : std::string(none),
               value ? std::to_string(*value) : "null", listed);
  }
  Description& limits(const Limits& limits, std::string_view none, bool listed = false) {
    limit("rate_per_second", limits.rate_per_second, none, listed);
    limit("burst", limits.burst, limits.rate_per_second ? "as the rate" : none);
    std::vector<std::string> windows;
    for (const WindowLimit& window : limits.windows) {
      if (window.seconds != 0) windows.push_back(to_string(window));
    }
    list("rate_windows", windows, none);
    limit("quota", limits.quota, none, listed);
    text("quota_period", std::string(to_string(limits.quota_period)), listed);
    if (limits.quota_anchor != 1) text("quota_anchor", std::to_string(limits.quota_anchor));
    if (limits.quota_zone) text("quota_time_zone", std::string(zone_name(limits.quota_zone)));
    return limit("concurrency", limits.concurrency, none);
  }
  Description& limits_in_short(std::string name, const Limits& limits) {
    return text(std::move(name), short_text(limits));
  }
  Description& list(std::string name, const std::vector<std::string>& values,
                    std::string_view none = "", bool listed = false) {
    std::string shown;
    std::vector<std::string> quoted;
    for (const std::string& value : values) {
      shown += (shown.empty() ? "" : ", ") + value;
      quoted.push_back(json_string(value));
    }
    if (shown.empty()) shown = none;
    return add(std::move(name), std::move(shown), json_array(quoted), listed);
  }
  Description& raw(std::string name, std::string shown, std::string json, bool listed = false) {
    return add(std::move(name), std::move(shown), std::move(json), listed);
  }
  Fields take() { return std::move(fields_); }

 private:
  Description& add(std::string name, std::string shown, std::string json, bool listed) {
    fields_.push_back({std::move(name), std::move(shown), std::move(json), listed});
    return *this;
  }
  Fields fields_;
};

std::vector<std::string> texts_of(const std::vector<Network>& networks) {
  std::vector<std::string> texts;
  texts.reserve(networks.size());
  for (const Network& network : networks) texts.push_back(network.text());
  return texts;
}

std::string quoted(std::string_view name) { return fmt::format("\"{}\"", name); }

}  // namespace

Fields describe(const Account& account, const Model&) {
  return Description()
      .text("id", account.id.hex(), kListed)
      .text("name", account.name, kListed)
      .status(account.status)
      .text("time_zone", account.time_zone, kListed)
      .limits_in_short("limits", account.limits)
      .truth("demo", account.demo)
      .created(account.created_us)
      .take();
}

Fields describe(const Developer& developer, const Model& model) {
  std::vector<std::string> json;
  std::string shown;
  for (const DeveloperMembership& membership : developer.accounts) {
    json.push_back(JsonObject()
                       .text("account", membership.account.hex())
                       .text("role", membership.owner ? "owner" : "member")
                       .str());
    shown += (shown.empty() ? "" : ", ") + model.name_of(membership.account);
  }
  return Description()
      .text("id", developer.id.hex(), kListed)
      .text("email", developer.email, kListed)
      .text("display_name", developer.display_name, kListed)
      .status(developer.status)
      .truth("email_verified", developer.email_verified)
      .raw("accounts", shown, json_array(json), kListed)
      .created(developer.created_us)
      .take();
}

Fields describe(const Application& application, const Model& model) {
  return Description()
      .text("id", application.id.hex(), kListed)
      .text("name", application.name, kListed)
      .reference("account", application.account, model.name_of(application.account), kListed)
      .status(application.status)
      .text("description", application.description)
      .text("created_by", application.created_by)
      .created(application.created_us)
      .take();
}

Fields describe(const Plan& plan, const Model&) {
  std::vector<std::string> opens;
  opens.reserve(plan.opens.size());
  for (const PlanOpening& opening : plan.opens) opens.push_back(opening_text(opening));
  return Description()
      .text("id", plan.id.hex(), kListed)
      .text("name", plan.name, kListed)
      .status(plan.status)
      .limits(plan.limits, "unlimited", kListed)
      .raw("priority", std::to_string(plan.priority), std::to_string(plan.priority))
      .limits_in_short("shadow", plan.shadow)
      .list("opens", opens, "nothing", kListed)
      .truth("needs_review", plan.needs_review)
      .limit("keys_per_application", plan.keys_per_application, "unlimited")
      .limit("key_lifetime_days", plan.key_lifetime_days, "unlimited")
      .created(plan.created_us)
      .take();
}

Fields describe(const Subscription& subscription, const Model& model) {
  return Description()
      .text("id", subscription.id.hex(), kListed)
      .reference("application", subscription.application, model.name_of(subscription.application),
                 kListed)
      .reference("plan", subscription.plan, model.name_of(subscription.plan), kListed)
      .text("environment", std::string(to_string(subscription.environment)), kListed)
      .status(subscription.status)
      .limits(subscription.overrides, "as the plan")
      .text("approved_by", subscription.approved_by)
      .time("starts", subscription.starts_us)
      .time("ends", subscription.ends_us)
      .created(subscription.created_us)
      .take();
}

Fields describe(const ApiKey& key, const Model& model) {
  const Subscription* subscription = model.subscriptions.find(key.subscription);
  const ApplicationId application =
      subscription == nullptr ? ApplicationId{} : subscription->application;
  return Description()
      .text("id", key.id.hex(), kListed)
      .text("hint", key.hint, kListed)
      .reference("application", application, model.name_of(application), kListed)
      .reference("subscription", key.subscription, key.subscription.hex(), kListed)
      .text("environment", std::string(to_string(key.environment)), kListed)
      .status(key.status)
      .time("not_before", key.not_before_us)
      .time("expires", key.expires_us, kListed)
      .time("last_used", key.last_used_us)
      .list("allowed_networks", texts_of(key.allowed_networks), "everywhere")
      .limits(key.limits, "as the subscription")
      .truth("weak", key.weak)
      .text("note", key.note, kListed)
      .created(key.created_us)
      .take();
}

Fields describe(const Grant& grant, const Model& model) {
  std::vector<std::string> ceiling;
  ceiling.reserve(grant.role_ceiling.size());
  for (const RoleId role : grant.role_ceiling) ceiling.push_back(model.name_of(role));
  return Description()
      .text("id", grant.id.hex(), kListed)
      .reference("application", grant.application, model.name_of(grant.application), kListed)
      .reference("account", grant.account, model.name_of(grant.account), kListed)
      .status(grant.status)
      .list("role_ceiling", ceiling, "the user's own roles", kListed)
      .text("granted_by", grant.granted_by)
      .created(grant.created_us)
      .take();
}

Fields describe(const Role& role, const Model& model) {
  const auto texts = [](const std::vector<Permission>& permissions, bool allow) {
    std::vector<std::string> listed;
    for (const Permission& permission : permissions) {
      if (permission.allow == allow) listed.push_back(match_text(permission.match));
    }
    return listed;
  };
  Description description;
  description.text("id", role.id.hex(), kListed)
      .text("name", role.name, kListed)
      .reference("account", role.account,
                 role.account ? model.name_of(role.account) : "the installation", kListed)
      .list("allow", texts(role.permissions, true), "nothing")
      .list("deny", texts(role.permissions, false))
      .created(role.created_us);
  if (role.shadow_until_us != 0) {
    description.list("shadow_allow", texts(role.shadow, true), "nothing")
        .list("shadow_deny", texts(role.shadow, false))
        .time("shadow_until", role.shadow_until_us);
  }
  return description.take();
}

Fields describe(const User& user, const Model& model) {
  std::vector<std::string> json;
  std::string shown;
  for (const RoleAssignment& one : user.roles) {
    json.push_back(JsonObject()
                       .text("role", one.role.hex())
                       .text("name", model.name_of(one.role))
                       .text_or_null("workspace", one.workspace ? one.workspace.hex() : "")
                       .str());
    shown += (shown.empty() ? "" : ", ") + model.name_of(one.role);
    if (one.workspace) shown += "@" + model.name_of(one.workspace);
  }
  return Description()
      .text("id", user.id.hex(), kListed)
      .text("username", user.username, kListed)
      .reference("account", user.account, model.name_of(user.account), kListed)
      .status(user.status)
      .raw("roles", shown.empty() ? "none" : shown, json_array(json), kListed)
      .list("allowed_networks", texts_of(user.allowed_networks), "everywhere")
      .text("first_name", user.first_name)
      .text("last_name", user.last_name)
      .truth("must_change", user.must_change)
      .time("last_login", user.last_login_us)
      .created(user.created_us)
      .take();
}

Fields describe(const Sender& sender, const Model& model) {
  const bool domain = sender.kind == SenderKind::Domain;
  Description description;
  description.text("id", sender.id.hex(), kListed)
      .text("kind", std::string(to_string(sender.kind)), kListed)
      .text("value", sender.value, kListed)
      .status(sender.status)
      .reference("account", sender.account, model.name_of(sender.account), kListed);
  if (domain && sender.status == Status::Waiting) {
    description.text("dns_name", sender.value)
        .text("dns_type", "TXT")
        .text("dns_value", "sallyport-verification=" + sender.token);
  }
  if (!sender.dkim_selector.empty()) {
    description.text("dkim_selector", sender.dkim_selector)
        .text("dkim_name", sender.dkim_selector + "._domainkey." + sender.value)
        .text("dkim_record", messaging::dkim_record(sender.dkim_kind, sender.dkim_public));
  }
  return description.created(sender.created_us).take();
}

Fields describe(const SendingRules& rules, const Model& model) {
  return Description()
      .text("id", rules.id.hex(), kListed)
      .text("account", model.name_of(rules.id), kListed)
      .limit("per_minute", rules.per_minute, "unlimited", kListed)
      .limit("per_day", rules.per_day, "unlimited", kListed)
      .limit("sms_per_day", rules.sms_per_day, "unlimited", kListed)
      .limit("retention_days", rules.retention_days, "as configured", kListed)
      .list("sms_prefixes", rules.sms_prefixes, "none", kListed)
      .text("sms_country", rules.sms_country)
      .take();
}

Fields describe(const Workspace& workspace, const Model& model) {
  return Description()
      .text("id", workspace.id.hex(), kListed)
      .text("name", workspace.project_name, kListed)
      .reference("account", workspace.account, model.name_of(workspace.account), kListed)
      .status(workspace.status)
      .text("number", workspace.project_number, kListed)
      .text("billing", workspace.billing_cost_centre, kListed)
      .truth("default", workspace.is_default, kListed)
      .created(workspace.created_us)
      .take();
}

std::string to_json(const Fields& fields) {
  JsonObject object;
  for (const Field& field : fields) object.raw(field.name, field.json);
  return object.str();
}

std::string to_lines(const Fields& fields) {
  std::size_t width = 0;
  for (const Field& field : fields) width = std::max(width, field.name.size());
  std::string out;
  for (const Field& field : fields) {
    out += fmt::format("{:<{}}  {}\n", field.name, width, field.text.empty() ? "-" : field.text);
  }
  return out;
}

std::string to_table(const std::vector<Fields>& rows) {
  if (rows.empty()) return "none\n";
  std::vector<std::vector<std::string>> cells(rows.size() + 1);
  for (const Field& field : rows.front()) {
    if (field.listed) cells[0].push_back(field.name);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (const Field& field : rows[i]) {
      if (field.listed) cells[i + 1].push_back(field.text.empty() ? "-" : field.text);
    }
  }
  std::vector<std::size_t> widths(cells[0].size());
  for (const auto& row : cells) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], count_code_points(row[i]));
    }
  }
  std::string out;
  for (const auto& row : cells) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += row[i];
      if (i + 1 < row.size()) out.append(widths[i] - count_code_points(row[i]) + 2, ' ');
    }
    out += '\n';
  }
  return out;
}

std::string to_json_array(const std::vector<Fields>& rows) {
  std::vector<std::string> elements;
  elements.reserve(rows.size());
  for (const Fields& fields : rows) elements.push_back(to_json(fields));
  return json_array(elements);
}

std::string match_text(const Match& match) {
  if (!match.operation.empty()) return fmt::format("{}:{}", match.api, match.operation);
  std::string methods;
  for (const std::string& method : match.methods) methods += (methods.empty() ? "" : ",") + method;
  return fmt::format("{} {} {}", match.api, methods, match.pattern);
}

std::string_view kind_of(const Account&) { return "account"; }
std::string_view kind_of(const Developer&) { return "developer"; }
std::string_view kind_of(const Application&) { return "application"; }
std::string_view kind_of(const Plan&) { return "plan"; }
std::string_view kind_of(const Subscription&) { return "subscription"; }
std::string_view kind_of(const ApiKey&) { return "key"; }
std::string_view kind_of(const Grant&) { return "grant"; }
std::string_view kind_of(const Role&) { return "role"; }
std::string_view kind_of(const User&) { return "user"; }
std::string_view kind_of(const Workspace&) { return "workspace"; }
std::string_view kind_of(const Sender&) { return "sender"; }
std::string_view kind_of(const SendingRules&) { return "sending rules"; }

std::string label_of(const Account& account) { return quoted(account.name); }
std::string label_of(const Developer& developer) { return quoted(developer.email); }
std::string label_of(const Application& application) { return quoted(application.name); }
std::string label_of(const Plan& plan) { return quoted(plan.name); }
std::string label_of(const Subscription& subscription) { return subscription.id.hex(); }
std::string label_of(const ApiKey& key) { return key.id.hex(); }
std::string label_of(const Grant& grant) { return grant.id.hex(); }
std::string label_of(const Role& role) { return quoted(role.name); }
std::string label_of(const User& user) { return quoted(user.username); }
std::string label_of(const Workspace& workspace) { return quoted(workspace.project_name); }
std::string label_of(const Sender& sender) { return quoted(sender.value); }

}  // namespace sallyport::admin
