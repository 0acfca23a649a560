// What an entity is in a document of entities: its fields by name, in order, for whoever writes one
// (admin/document_text) and whoever reads one (admin/document_reader). Whatever administration may
// set is here; what the server notes by itself (created, last used) is not, nor is the id, which
// each table may carry. Templates; control thread.
#pragma once

#include "admin/bounds.h"
#include "base/entities.h"

namespace sallyport::admin {

template <class Io>
void fields(Io& io, Account& a) {
  io.text("name", a.name);
  io.status("status", a.status, {Status::Active, Status::Suspended});
  io.text("time_zone", a.time_zone);
  io.rates(a.limits, "unlimited");
}

template <class Io>
void fields(Io& io, Workspace& w) {
  io.reference("account", w.account);
  io.text("name", w.project_name);
  io.status("status", w.status, {Status::Active, Status::Disabled});
  io.text("number", w.project_number);
  io.text("billing", w.billing_cost_centre);
  io.truth("default", w.is_default);
}

template <class Io>
void fields(Io& io, Role& r) {
  io.reference("account", r.account);  // "": the whole installation
  io.text("name", r.name);
  io.permissions("allow", "deny", r.permissions);
  io.permissions("shadow_allow", "shadow_deny", r.shadow);
  io.time("shadow_until", r.shadow_until_us);
}

template <class Io>
void fields(Io& io, Plan& p) {
  io.text("name", p.name);
  io.status("status", p.status, {Status::Active, Status::Inactive});
  io.limits(p.limits, "unlimited");
  io.limits_table("shadow", p.shadow, "unlimited");
  io.number("priority", p.priority);
  io.truth("needs_review", p.needs_review);
  io.limit("keys_per_application", p.keys_per_application, "unlimited", kMostKeysPerApplication);
  io.limit("key_lifetime_days", p.key_lifetime_days, "unlimited", kMostKeyLifetimeDays);
  io.openings("opens", p.opens);
}

template <class Io>
void fields(Io& io, Developer& d) {
  io.text("email", d.email);
  io.text("display_name", d.display_name);
  io.status("status", d.status, {Status::Active, Status::Waiting, Status::Disabled});
  io.truth("email_verified", d.email_verified);
  io.memberships("accounts", d.accounts);
}

template <class Io>
void fields(Io& io, Application& a) {
  io.reference("account", a.account);
  io.text("name", a.name);
  io.text("description", a.description);
  io.status("status", a.status, {Status::Active, Status::Disabled});
}

template <class Io>
void fields(Io& io, User& u) {
  io.reference("account", u.account);
  io.text("username", u.username);
  io.status("status", u.status,
            {Status::Pending, Status::Active, Status::Inactive, Status::Blocked, Status::Deleted});
  io.assignments("roles", u.roles, u.account);
  io.networks("allowed_networks", u.allowed_networks);
  io.text("first_name", u.first_name);
  io.text("last_name", u.last_name);
  io.truth("must_change", u.must_change);
  io.verifier("verifier", u.verifier);
}

template <class Io>
void fields(Io& io, Subscription& s) {
  io.reference("application", s.application);
  io.reference("plan", s.plan);
  io.environment("environment", s.environment);
  io.status("status", s.status,
            {Status::Waiting, Status::Active, Status::Suspended, Status::Ended});
  io.limits(s.overrides, "plan");
  io.text("terms_version", s.terms_version);
  io.time("starts", s.starts_us);
  io.time("ends", s.ends_us);
}

template <class Io>
void fields(Io& io, ApiKey& k) {
  io.reference("subscription", k.subscription);
  io.environment("environment", k.environment);
  io.status(
      "status", k.status,
      {Status::Active, Status::Waiting, Status::Unclaimed, Status::Disabled, Status::Revoked});
  io.text("hint", k.hint);
  io.time("not_before", k.not_before_us);
  io.time("expires", k.expires_us);
  io.networks("allowed_networks", k.allowed_networks);
  io.limits(k.limits, "subscription");
  io.text("note", k.note);
  io.truth("weak", k.weak);
  io.digest("digest", k.digest);
}

template <class Io>
void fields(Io& io, Grant& g) {
  io.reference("application", g.application);
  io.reference("account", g.account);
  io.roles("role_ceiling", g.role_ceiling, g.account);
  io.status("status", g.status, {Status::Active, Status::Revoked});
}

}  // namespace sallyport::admin
