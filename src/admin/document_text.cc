#include "admin/document_text.h"

#include <fmt/format.h>

#include <initializer_list>

#include "admin/document_fields.h"
#include "admin/entity_text.h"
#include "admin/json_text.h"
#include "base/encoding.h"
#include "base/time_text.h"
#include "config/document.h"

namespace sallyport::admin {
namespace {

// Whether a name says which one is meant is looked up among all; with more than that, ids do.
constexpr std::size_t kNamed = 1'000;

// JSON's strings are TOML's basic strings (TOML 1.0, String).
std::string quoted(std::string_view text) { return json_string(text); }

std::string array_of(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) out += (out.size() > 1 ? ", " : "") + quoted(text);
  return out + "]";
}

class FieldWriter {
 public:
  FieldWriter(const Model& names, bool with_verifiers)
      : names_(names), with_verifiers_(with_verifiers) {}
  TomlFields take() { return std::move(fields_); }

  void text(const char* name, const std::string& value) { add(name, quoted(value)); }
  void truth(const char* name, bool value) { add(name, value ? "true" : "false"); }
  void number(const char* name, std::int32_t value) { add(name, std::to_string(value)); }
  void status(const char* name, Status value, std::initializer_list<Status>) {
    add(name, quoted(to_string(value)));
  }
  void environment(const char* name, Environment value) { add(name, quoted(to_string(value))); }
  void time(const char* name, std::int64_t us) { add(name, quoted(us == 0 ? "" : rfc3339(us))); }
  template <class Integer>
  void limit(const char* name, const std::optional<Integer>& value, std::string_view none,
             std::uint64_t /*most*/ = 0) {
    add(name, value ? std::to_string(*value) : quoted(none));
  }
  void rates(const Limits& limits, std::string_view none) {
    limit("rate_per_second", limits.rate_per_second, none);
    limit("burst", limits.burst, none);
    std::vector<std::string> windows;
    for (const WindowLimit& window : limits.windows) {
      if (window.seconds != 0) windows.push_back(to_string(window));
    }
    add("rate_windows", array_of(windows));
  }
  void limits(const Limits& limits, std::string_view none) {
    rates(limits, none);
    limit("quota", limits.quota, none);
    add("quota_period", quoted(to_string(limits.quota_period)));
    number("quota_anchor", limits.quota_anchor);
    add("quota_time_zone", quoted(zone_name(limits.quota_zone)));
    limit("concurrency", limits.concurrency, none);
  }
  void limits_table(const char* name, const Limits& limits, std::string_view none) {
    FieldWriter own(names_, false);
    own.limits(limits, none);
    add(name, own.inline_table());
  }
  void networks(const char* name, const std::vector<Network>& networks) {
    std::vector<std::string> texts;
    for (const Network& network : networks) texts.push_back(network.text());
    add(name, array_of(texts));
  }
  void permissions(const char* allow, const char* deny, const std::vector<Permission>& all) {
    std::vector<std::string> allowed;
    std::vector<std::string> denied;
    for (const Permission& one : all)
      (one.allow ? allowed : denied).push_back(match_text(one.match));
    add(allow, array_of(allowed));
    add(deny, array_of(denied));
  }
  void openings(const char* name, const std::vector<PlanOpening>& openings) {
    std::string out = "[";
    for (const PlanOpening& one : openings) {
      FieldWriter own(names_, false);
      own.text("what", match_text(one.match));
      own.limits(one.own, "plan");
      out += (out.size() > 1 ? ", " : "") + own.inline_table();
    }
    add(name, out + "]");
  }
  void memberships(const char* name, const std::vector<DeveloperMembership>& memberships) {
    std::vector<std::string> texts;
    for (const DeveloperMembership& one : memberships) {
      texts.push_back((one.owner ? "owner:" : "member:") + name_of(one.account));
    }
    add(name, array_of(texts));
  }
  void roles(const char* name, const std::vector<RoleId>& roles, AccountId account) {
    std::vector<std::string> texts;
    for (const RoleId role : roles) texts.push_back(name_of(role, account));
    add(name, array_of(texts));
  }
  void assignments(const char* name, const std::vector<RoleAssignment>& roles, AccountId account) {
    std::vector<std::string> texts;
    for (const RoleAssignment& one : roles) {
      std::string text = name_of(one.role, account);
      if (one.workspace) text += "@" + name_of(one.workspace, account);
      texts.push_back(std::move(text));
    }
    add(name, array_of(texts));
  }
  template <class IdType>
  void reference(const char* name, IdType id) {
    add(name, quoted(id ? name_of(id) : ""));
  }
  void verifier(const char* name, const std::string& value) {
    if (with_verifiers_) add(name, quoted(value));
  }
  void digest(const char* name, const Digest& value) {
    if (with_verifiers_) add(name, quoted(hex_lower(value)));
  }

 private:
  void add(const char* name, std::string toml) { fields_.emplace_back(name, std::move(toml)); }
  std::string inline_table() const {
    std::string table;
    for (const auto& [key, value] : fields_) {
      table += fmt::format("{}{} = {}", table.empty() ? "" : ", ", key, value);
    }
    return fmt::format("{{ {} }}", table);
  }

  // The name, if it leads back to the same entity.
  template <class T, class IdType>
  static std::string name_or_id(const Result<T>& by_name, const std::string& name, IdType id) {
    return by_name && by_name->id == id ? name : id.hex();
  }
  std::string name_of(AccountId id) const {
    if (names_.accounts.size() > kNamed) return id.hex();
    const std::string name = names_.name_of(id);
    return name_or_id(names_.account(name), name, id);
  }
  std::string name_of(ApplicationId id) const {
    if (names_.applications.size() > kNamed) return id.hex();
    const std::string name = names_.name_of(id);
    return name_or_id(names_.application(name), name, id);
  }
  std::string name_of(PlanId id) const {
    const std::string name = names_.name_of(id);
    return name_or_id(names_.plan(name), name, id);
  }
  std::string name_of(SubscriptionId id) const { return id.hex(); }
  std::string name_of(RoleId id, AccountId account) const {
    const std::string name = names_.name_of(id);
    return name_or_id(names_.role(name, account), name, id);
  }
  std::string name_of(WorkspaceId id, AccountId account) const {
    const std::string name = names_.name_of(id);
    return name_or_id(names_.workspace(name, account), name, id);
  }

  const Model& names_;
  const bool with_verifiers_;
  TomlFields fields_;
};

template <class Entities>
void append_section(std::string& out, std::string_view section, const Entities& entities,
                    const Model& model, bool with_verifiers) {
  const auto all = entities.all();
  if (all.empty()) fmt::format_to(std::back_inserter(out), "\n# no [[{}]]\n", section);
  for (const auto* entity : all) {
    fmt::format_to(std::back_inserter(out), "\n[[{}]]\nid = {}\n", section,
                   quoted(entity->id.hex()));
    for (const auto& [name, value] : toml_fields(*entity, model, with_verifiers)) {
      fmt::format_to(std::back_inserter(out), "{} = {}\n", name, value);
    }
  }
}

std::string json_of(const config::Node& node) {
  if (const auto* table = std::get_if<config::Table>(&node.value)) {
    std::string out = "{";
    for (const config::Entry& entry : *table) {
      out += (out.size() > 1 ? "," : "") + json_string(entry.key) + ":" + json_of(entry.node);
    }
    return out + "}";
  }
  if (const auto* array = std::get_if<config::Array>(&node.value)) {
    std::string out = "[";
    for (const config::Node& one : *array) out += (out.size() > 1 ? "," : "") + json_of(one);
    return out + "]";
  }
  if (const auto* text = std::get_if<std::string>(&node.value)) return json_string(*text);
  if (const auto* number = std::get_if<std::int64_t>(&node.value)) return std::to_string(*number);
  const auto* truth = std::get_if<bool>(&node.value);
  return truth != nullptr && *truth ? "true" : "false";  // a document of ours has nothing else
}

}  // namespace

template <class T>
TomlFields toml_fields(const T& entity, const Model& names, bool with_verifiers) {
  FieldWriter writer(names, with_verifiers);
  T copy = entity;
  fields(writer, copy);
  return writer.take();
}

template TomlFields toml_fields(const Account&, const Model&, bool);
template TomlFields toml_fields(const Workspace&, const Model&, bool);
template TomlFields toml_fields(const Role&, const Model&, bool);
template TomlFields toml_fields(const Plan&, const Model&, bool);
template TomlFields toml_fields(const Developer&, const Model&, bool);
template TomlFields toml_fields(const Application&, const Model&, bool);
template TomlFields toml_fields(const User&, const Model&, bool);
template TomlFields toml_fields(const Subscription&, const Model&, bool);
template TomlFields toml_fields(const ApiKey&, const Model&, bool);
template TomlFields toml_fields(const Grant&, const Model&, bool);

std::string export_document(const Model& model, bool with_verifiers) {
  std::string out =
      "# Sallyport's entities, for `sallyport apply`. docs/entities.md says what each field "
      "means.\n";
  if (with_verifiers)
    out += "# Holds digests of keys and verifiers of passwords: keep it secret.\n";
  out += "format = 1\n";
  const auto append = [&](std::string_view section, const auto& entities) {
    append_section(out, section, entities, model, with_verifiers);
  };
  append("account", model.accounts);
  append("workspace", model.workspaces);
  append("role", model.roles);
  append("plan", model.plans);
  append("developer", model.developers);
  append("application", model.applications);
  append("user", model.users);
  append("subscription", model.subscriptions);
  append("key", model.keys);
  append("grant", model.grants);
  return out;
}

std::string document_json(std::string_view document) {
  const auto read = config::read_document(document);
  return read ? json_of(*read) : std::string();
}

}  // namespace sallyport::admin
