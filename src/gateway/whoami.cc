#include "gateway/whoami.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/api_key.h"
#include "base/encoding.h"
#include "base/time_text.h"
#include "gateway/accept.h"
#include "gateway/clothing.h"

namespace sallyport::gateway {
namespace {

// The same content as JSON and as XML, written as it comes. XML leaves out what is not there, JSON
// says null.
class Writer {
 public:
  explicit Writer(bool json) : json_(json) {
    out_ = json ? "{"
                : R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
                  R"(<ns3:whoami xmlns:ns2="http://schemas.api.whispir.com/dap" )"
                  R"(xmlns:ns3="http://schemas.api.whispir.com">)";
  }
  std::string take() {
    out_ += json_ ? "}" : "</ns3:whoami>";
    return std::move(out_);
  }

  void text(std::string_view name, std::string_view value) {
    if (json_) {
      member(name);
      out_ += '"';
      append_json_escaped(out_, value);
      out_ += '"';
    } else {
      element(name, xml_escaped(value));
    }
  }
  void number(std::string_view name, std::optional<std::uint64_t> value) {
    if (json_) {
      member(name);
      out_ += value ? std::to_string(*value) : "null";
    } else if (value) {
      element(name, std::to_string(*value));
    }
  }
  // JSON: milliseconds since 1970; XML: RFC 3339, as the engine's resources have them.
  void time(std::string_view name, std::int64_t us) {
    if (us == 0) return number(name, std::nullopt);
    if (json_) return number(name, static_cast<std::uint64_t>(us / 1000));
    element(name, rfc3339_seconds(us));
  }
  template <class Content>
  void object(std::string_view name, Content content) {
    begin(name, '{');
    content();
    end(name, '}');
  }
  // JSON: an array of objects; XML: <list><item>..</item>..</list>.
  template <class Items, class Content>
  void list(std::string_view name, std::string_view item, const Items& items, Content content) {
    begin(name, '[');
    for (const auto& one : items) {
      if (json_) {
        comma();
        out_ += '{';
      } else {
        out_ += "<" + std::string(item) + ">";
      }
      content(one);
      out_ += json_ ? std::string("}") : "</" + std::string(item) + ">";
    }
    end(name, ']');
  }

 private:
  void comma() {
    if (out_.back() != '{' && out_.back() != '[') out_ += ',';
  }
  void member(std::string_view name) {
    comma();
    out_ += "\"" + std::string(name) + "\":";
  }
  void element(std::string_view name, std::string_view content) {
    out_ += "<" + std::string(name) + ">" + std::string(content) + "</" + std::string(name) + ">";
  }
  void begin(std::string_view name, char bracket) {
    if (json_) {
      member(name);
      out_ += bracket;
    } else {
      out_ += "<" + std::string(name) + ">";
    }
  }
  void end(std::string_view name, char bracket) {
    out_ += json_ ? std::string(1, bracket) : "</" + std::string(name) + ">";
  }

  const bool json_;
  std::string out_;
};

struct Limit {
  std::string_view of;
  Limits limits;
  limit::Usage usage;
};

std::vector<Limit> limits_of(const RequestContext& context, const Doors& doors) {
  std::vector<Limit> found;
  for (const limit::Rule& rule : context.active_rules()) {
    if (rule.shadow) continue;
    found.push_back({limit::to_string(rule.holder), rule.limits, doors.thresholds.usage(rule)});
  }
  // That nothing limits the subscription is worth saying.
  if (context.subscription && std::ranges::find(found, "subscription", &Limit::of) == found.end()) {
    found.push_back({"subscription", {}, {}});
  }
  return found;
}

std::uint64_t left_of(std::uint64_t most, std::uint64_t used) {
  return most > used ? most - used : 0;
}

void write_limit(Writer& out, const Limit& limit) {
  const Limits& limits = limit.limits;
  out.text("of", limit.of);
  out.number("ratePerSecond", limits.rate_per_second);
  const auto burst = limits.burst ? limits.burst : limits.rate_per_second;
  out.number("burst", burst);
  out.number("rateLeft", burst ? std::optional(left_of(*burst, limit.usage.in_last_second))
                               : std::optional<std::uint64_t>());
  out.number("quota", limits.quota);
  if (!limits.quota) return;
  out.text("quotaPeriod", to_string(limits.quota_period));
  out.number("quotaUsed", limit.usage.used);
  out.number("quotaLeft", left_of(*limits.quota, limit.usage.used));
  out.time("quotaResets", limit.usage.resets_us);
}

void write_role(Writer& out, const RoleAssignment& role, const access::Policy& policy) {
  out.text("id", role.role.hex());
  out.text("name", policy.name_of(role.role));
  if (role.workspace) out.text("workspace", role.workspace.hex());
}

void write_user(Writer& out, const RequestContext& context, const access::Policy& policy) {
  out.object("user", [&] {
    out.text("id", context.user->id().hex());
    out.text("username", context.user->username());
    out.text("displayName", context.user->display_name());
    out.text("account", context.user->account().hex());
  });
  const auto role = [&](const RoleAssignment& one) { write_role(out, one, policy); };
  out.list("roles", "role", context.user->roles(), role);
  if (context.grant == nullptr) return;
  out.object("grant", [&] {
    out.text("id", context.grant->grant.hex());
    out.list("ceiling", "role", context.grant->ceiling, role);
  });
}

}  // namespace

http::Response whoami(const RequestContext& context, const Doors& doors) {
  const MediaChoice media = choose_media(*context.request);
  const auth::KeyCheck& key = context.key;
  Writer out(media.json);
  if (key.key != nullptr) {
    out.object("application", [&] {
      out.text("id", context.application.hex());
      out.text("name", doors.directory.name_of(*key.application));
      out.text("account", key.account->id.hex());
    });
    out.text("key", auth::key_id_text(context.key_id));
    out.text("subscription", context.subscription.hex());
    out.text("plan", key.plan->name);
    out.text("environment", to_string(key.key->environment));
    if (key.key->extras) out.time("keyExpires", key.key->extras->expires_us);
  }
  out.list("limits", "limit", limits_of(context, doors),
           [&](const Limit& limit) { write_limit(out, limit); });
  if (context.user != nullptr) write_user(out, context, doors.policy);
  http::Response response;
  response.head.add("Content-Type", media.type);
  response.body = out.take();
  add_security_fields(response.head);
  return response;
}

}  // namespace sallyport::gateway
