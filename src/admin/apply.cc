#include "admin/apply.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "admin/document_fields.h"
#include "admin/document_rules.h"
#include "admin/document_text.h"
#include "admin/entity_text.h"
#include "admin/prune.h"
#include "base/encoding.h"
#include "config/keys.h"

namespace sallyport::admin {
namespace {

using config::Node;
using config::Place;

constexpr std::int64_t kFormat = 1;

// What makes an entity the one that a table without an id means. Empty: nothing does.
std::string natural_key(const Account& a) { return a.name; }
std::string natural_key(const Workspace& w) { return w.account.hex() + w.project_name; }
std::string natural_key(const Role& r) { return r.account.hex() + r.name; }
std::string natural_key(const Plan& p) { return p.name; }
std::string natural_key(const Developer& d) { return ascii_lower(d.email); }
std::string natural_key(const Application& a) { return a.account.hex() + a.name; }
std::string natural_key(const User& u) {
  return u.account.hex() + fold_username(u.username).value_or("");
}
std::string natural_key(const Subscription& s) {
  return s.application.hex() + s.plan.hex() + std::string(to_string(s.environment));
}
std::string natural_key(const ApiKey&) { return {}; }
std::string natural_key(const Grant& g) { return g.application.hex() + g.account.hex(); }

template <class T>
constexpr bool kNaturalIsUnique =
    !std::is_same_v<T, Subscription> && !std::is_same_v<T, ApiKey> && !std::is_same_v<T, Grant>;

bool is_over(const Subscription& s) { return s.status == Status::Ended; }
bool is_over(const ApiKey& k) { return k.status == Status::Revoked; }
bool is_over(const User& u) { return u.status == Status::Deleted; }
bool is_over(const Grant& g) { return g.status == Status::Revoked; }
template <class T>
bool is_over(const T&) {
  return false;
}

template <class T>
const auto& all(const Model& model) {
  return model.of<T>();
}

template <class T>
struct Item {
  T entity;
  std::optional<T> before;
  Place place;
};

class Planner {
 public:
  Planner(const Run& run, bool prune)
      : run_(run), model_(run.model()), prune_(prune), rules_(run, names_, plan_.notes) {
    names_.accounts = model_.accounts;
    names_.workspaces = model_.workspaces;
    names_.roles = model_.roles;
    names_.plans = model_.plans;
    names_.applications = model_.applications;
    names_.subscriptions = model_.subscriptions;
    names_.grants = model_.grants;
  }

  ApplyPlan run(std::string_view text) {
    const auto document = config::read_document(text);
    if (!document) {
      plan_.problems.push_back({document.error().place, document.error().text});
      return std::move(plan_);
    }
    check_top(*document);
    take<Account>(*document, "account");
    take<Workspace>(*document, "workspace");
    rules_.check_default_workspaces(plan_.problems);
    take<Role>(*document, "role");
    take<Plan>(*document, "plan");
    take<Developer>(*document, "developer");
    take<Application>(*document, "application");
    take<User>(*document, "user");
    take<Subscription>(*document, "subscription");
    take<ApiKey>(*document, "key");
    take<Grant>(*document, "grant");
    add_default_workspaces();
    if (prune_) plan_prune(run_, named_, plan_);
    std::ranges::stable_sort(plan_.problems, {}, [](const DocumentProblem& one) {
      return std::pair(one.place.line, one.place.column);
    });
    return std::move(plan_);
  }

 private:
  void problem(const Place& place, std::string text) {
    plan_.problems.push_back({place, std::move(text)});
  }

  void check_top(const Node& document) {
    for (const config::Entry& entry : std::get<config::Table>(document.value)) {
      if (entry.key == "format") {
        const auto* format = std::get_if<std::int64_t>(&entry.node.value);
        if (format == nullptr || *format != kFormat) {
          problem(entry.node.place, fmt::format("format must be {}", kFormat));
        }
      } else if (std::ranges::find(kSections, entry.key) == std::end(kSections)) {
        const auto distance = [&](std::string_view one) {
          return config::edit_distance(entry.key, std::string(one));
        };
        problem(entry.node.place,
                fmt::format("there is no section [[{}]], perhaps [[{}]]", entry.key,
                            *std::ranges::min_element(kSections, {}, distance)));
      }
    }
  }

  template <class T>
  void take(const Node& document, std::string_view section) {
    const Node* node = document.find(section);
    if (node == nullptr) return;
    const auto* tables = std::get_if<config::Array>(&node->value);
    if (tables == nullptr || (!tables->empty() && !node->is_tables())) {
      return problem(node->place,
                     fmt::format("{} must be an array of tables: [[{}]]", section, section));
    }
    std::unordered_map<std::string, decltype(T::id)> by_key;
    if constexpr (!std::is_same_v<T, ApiKey>) {  // which have nothing of the kind
      for (const T* one : all<T>(model_).all()) {
        if (std::string key = natural_key(*one); !key.empty())
          by_key.emplace(std::move(key), one->id);
      }
    }
    std::vector<Item<T>> items;
    std::map<std::uint64_t, Place> seen;
    for (const Node& table : *tables) {
      if (auto item = read<T>(table, by_key, seen)) items.push_back(std::move(*item));
    }
    if constexpr (kNaturalIsUnique<T>) check_unique(items, by_key);
    for (Item<T>& item : items) add(item);
    if (prune_) note_named<T>(section, seen);
  }

  template <class T>
  std::optional<Item<T>> read(const Node& table,
                              const std::unordered_map<std::string, decltype(T::id)>& by_key,
                              std::map<std::uint64_t, Place>& seen) {
    decltype(T::id) id{};
    if (const Node* given = table.find("id")) {
      const auto* text = std::get_if<std::string>(&given->value);
      const auto parsed = text == nullptr ? std::nullopt : decltype(T::id)::parse(*text);
      if (!parsed || !*parsed) {
        problem(given->place, "id must be 16 upper-case hexadecimal digits");
        return std::nullopt;
      }
      id = *parsed;
    } else {
      T probe;
      FieldReader quiet(table, names_, run_, nullptr);
      fields(quiet, probe);
      const auto found = by_key.find(natural_key(probe));
      if (found != by_key.end()) id = found->second;
    }
    Item<T> item;
    item.place = table.place;
    if (const auto present = all<T>(model_).find(id)) {
      item.before = *present;
      item.entity = *present;
    } else {
      item.entity.id = id ? id : make_id<decltype(T::id)>(run_.random());
      item.entity.created_us = run_.now_us();
    }
    const std::size_t problems = plan_.problems.size();
    FieldReader reader(table, names_, run_, &plan_.problems);
    reader.know("id");
    fields(reader, item.entity);
    if (plan_.problems.size() == problems) {
      rules_.check(item.before ? &*item.before : nullptr, item.entity, reader);
    }
    reader.finish();
    const auto [first, added] = seen.emplace(item.entity.id.value, table.place);
    if (!added) {
      problem(table.place, fmt::format("{} is in the document twice, first at line {}",
                                       what(item.entity), first->second.line));
    }
    keep_over(item);
    if constexpr (!std::is_same_v<T, User> && !std::is_same_v<T, ApiKey>) {
      names_.put(Entity(item.entity));
    }
    return item;
  }

  template <class T>
  static std::string what(const T& entity) {
    return fmt::format("{} {}", kind_of(entity), label_of(entity));
  }

  template <class T>
  void check_unique(const std::vector<Item<T>>& items,
                    std::unordered_map<std::string, decltype(T::id)> by_key) {
    for (const Item<T>& item : items) {
      if (item.before) by_key.erase(natural_key(*item.before));
    }
    for (const Item<T>& item : items) {
      const auto [there, added] = by_key.emplace(natural_key(item.entity), item.entity.id);
      if (!added && there->second != item.entity.id) {
        problem(item.place, fmt::format("{}: there is another one of that name, with the id {}",
                                        what(item.entity), there->second.hex()));
      }
    }
  }

  // What ended for good stays ended, whatever an older document says.
  template <class T>
  void keep_over(Item<T>& item) {
    if (!item.before || !is_over(*item.before) || is_over(item.entity)) return;
    if constexpr (requires { item.entity.status; }) {
      plan_.notes.push_back(fmt::format("{} is {}, and that is final", what(item.entity),
                                        to_string(item.before->status)));
    }
    item.entity = *item.before;
  }

  template <class T>
  void add(Item<T>& item) {
    if (!item.before) {
      plan_.step('+', item.entity, what(item.entity));
      plan_.put(item.entity, "created", run_.now_us());
      if constexpr (std::is_same_v<T, Account>) new_accounts_.push_back(item.entity);
      return;
    }
    const TomlFields before = toml_fields(*item.before, names_, true);
    const TomlFields after = toml_fields(item.entity, names_, true);
    std::string differences;
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (before[i] == after[i]) continue;
      differences += differences.empty() ? ": " : ", ";
      differences +=
          after[i].first == "verifier" || after[i].first == "digest"
              ? after[i].first + " changed"
              : fmt::format("{} {} -> {}", after[i].first, before[i].second, after[i].second);
    }
    if (differences.empty()) return;
    plan_.step('~', item.entity, what(item.entity) + differences);
    plan_.put(item.entity, "updated", run_.now_us());
  }

  template <class T>
  void note_named(std::string_view section, const std::map<std::uint64_t, Place>& seen) {
    auto& named = named_[section];
    for (const auto& [id, place] : seen) named.insert(id);
  }
  // As `account create` makes it: the one behind /messages.
  void add_default_workspaces() {
    for (const Account& account : new_accounts_) {
      if (rules_.has_default_workspace(account.id)) continue;
      Workspace workspace;
      workspace.id = make_id<WorkspaceId>(run_.random());
      workspace.account = account.id;
      workspace.project_name = "My Company";
      workspace.is_default = true;
      workspace.created_us = run_.now_us();
      plan_.step('+', workspace, what(workspace));
      plan_.put(workspace, "created", run_.now_us());
    }
  }

  const Run& run_;
  const Model& model_;
  const bool prune_;
  Model names_;  // what references may name: the model's with the document's in their place
  ApplyPlan plan_;
  DocumentRules rules_;
  std::vector<Account> new_accounts_;
  NamedEntities named_;
};

}  // namespace

ApplyPlan plan_apply(const Run& run, std::string_view document, bool prune) {
  return Planner(run, prune).run(document);
}

}  // namespace sallyport::admin
