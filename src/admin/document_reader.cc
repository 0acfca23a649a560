#include "admin/document_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "access/coverage.h"
#include "admin/bounds.h"
#include "base/encoding.h"
#include "base/time_text.h"
#include "config/keys.h"

namespace sallyport::admin {
namespace {

using config::Node;
using config::Place;

constexpr std::size_t kNear = 3;  // edits between a mistyped field and the one meant

}  // namespace

Place FieldReader::place_of(std::string_view name) const {
  const Node* node = table_.find(name);
  return node == nullptr ? table_.place : node->place;
}

void FieldReader::problem(const Place& place, std::string text) {
  if (problems_ != nullptr) problems_->push_back({place, std::move(text)});
}

void FieldReader::finish() {
  const auto* table = std::get_if<config::Table>(&table_.value);
  if (table == nullptr) return;
  for (const config::Entry& entry : *table) {
    if (std::ranges::find(known_, entry.key) != known_.end()) continue;
    const auto distance = [&](std::string_view one) {
      return config::edit_distance(entry.key, std::string(one));
    };
    const std::string_view nearest = *std::ranges::min_element(known_, {}, distance);
    problem(
        entry.node.place,
        fmt::format("there is no field \"{}\"{}", entry.key,
                    distance(nearest) <= kNear ? fmt::format(", perhaps \"{}\"", nearest) : ""));
  }
}

// nullptr: it is not there, or is something else, which is then a problem.
template <class T>
const T* FieldReader::get(const char* name, const char* wanted) {
  know(name);
  const Node* node = table_.find(name);
  if (node == nullptr) return nullptr;
  const T* value = std::get_if<T>(&node->value);
  if (value == nullptr) {
    problem(node->place, fmt::format("{} must be {}, not {}", name, wanted, node->type()));
  }
  return value;
}

void FieldReader::text(const char* name, std::string& value) {
  const auto* given = get<std::string>(name, "a string");
  if (given == nullptr) return;
  if (has_control(*given)) {
    problem(place_of(name), fmt::format("{} must have no control characters", name));
  } else if (given->size() > kMostTextBytes) {
    problem(place_of(name), fmt::format("{} must have at most {} bytes", name, kMostTextBytes));
  } else {
    value = *given;
  }
}

void FieldReader::truth(const char* name, bool& value) {
  if (const auto* given = get<bool>(name, "true or false")) value = *given;
}

void FieldReader::number(const char* name, std::int32_t& value) {
  const auto* given = get<std::int64_t>(name, "an integer");
  if (given == nullptr) return;
  if (*given < INT32_MIN || *given > INT32_MAX) {
    problem(place_of(name), fmt::format("{} is out of range", name));
  } else {
    value = static_cast<std::int32_t>(*given);
  }
}

void FieldReader::status(const char* name, Status& value, std::initializer_list<Status> allowed) {
  const auto* given = get<std::string>(name, "a string");
  if (given == nullptr) return;
  const auto status = parse_status(*given);
  if (status && std::ranges::find(allowed, *status) != allowed.end()) {
    value = *status;
    return;
  }
  std::string listed;
  for (const Status one : allowed) {
    listed += fmt::format("{}{}", listed.empty() ? "" : ", ", to_string(one));
  }
  problem(place_of(name), fmt::format("{} must be one of {}, not \"{}\"", name, listed, *given));
}

void FieldReader::environment(const char* name, Environment& value) {
  const auto* given = get<std::string>(name, "a string");
  if (given == nullptr) return;
  if (const auto environment = parse_environment(*given)) {
    value = *environment;
  } else {
    problem(place_of(name), fmt::format("{} must be live or test, not \"{}\"", name, *given));
  }
}

void FieldReader::time(const char* name, std::int64_t& us) {
  const auto* given = get<std::string>(name, "a string");
  if (given == nullptr) return;
  if (given->empty()) {
    us = 0;
  } else if (const auto time = parse_rfc3339(*given)) {
    us = *time;
  } else {
    problem(place_of(name),
            fmt::format("{} must be a time like \"2027-01-31T12:00:00Z\", or \"\", not \"{}\"",
                        name, *given));
  }
}

bool FieldReader::read_limit(const char* name, std::optional<std::uint64_t>& value,
                             std::string_view none, std::uint64_t most) {
  know(name);
  const Node* node = table_.find(name);
  if (node == nullptr) return false;
  const auto* number = std::get_if<std::int64_t>(&node->value);
  const auto* word = std::get_if<std::string>(&node->value);
  if (number != nullptr && *number >= 0 && static_cast<std::uint64_t>(*number) <= most) {
    value = static_cast<std::uint64_t>(*number);
    return true;
  }
  if (word != nullptr && *word == none) {
    value.reset();
    return true;
  }
  problem(node->place,
          fmt::format("{} must be a number from 0 to {}, or \"{}\"", name, most, none));
  return false;
}

// At most two, each like "500/10m".
void FieldReader::windows(const char* name, Limits& limits) {
  const auto given = words(name);
  if (!given) return;
  std::string joined;
  for (const Word& word : *given) joined += (joined.empty() ? "" : " ") + word.text;
  if (read_windows(joined, limits)) return;
  problem(
      place_of(name),
      fmt::format("{} must be like [\"500/10m\"], with a length of 1s to 1h, at most {} of them",
                  name, kMaxWindows));
}

void FieldReader::calendar(Limits& limits) {
  if (const auto* given = get<std::string>("quota_period", "a string")) {
    if (const auto period = parse_quota_period(*given)) {
      limits.quota_period = *period;
    } else {
      problem(place_of("quota_period"),
              fmt::format("quota_period must be minute, hour, day or month, not \"{}\"", *given));
    }
  }
  if (const auto* day = get<std::int64_t>("quota_anchor", "a day of the month")) {
    if (*day < 1 || *day > 31) {
      problem(place_of("quota_anchor"), "quota_anchor must be a day of the month, 1 to 31");
    } else {
      limits.quota_anchor = static_cast<std::uint8_t>(*day);
    }
  }
  if (limits.quota_anchor > 1 && limits.quota_period != QuotaPeriod::Month) {
    problem(place_of("quota_anchor"), "a quota_anchor needs a quota per month");
  }
  if (const auto* name = get<std::string>("quota_time_zone", "a string")) {
    const auto zone = find_zone(*name);
    limits.quota_zone = zone.value_or(ZoneId{});
    if (!zone && !name->empty()) {
      problem(place_of("quota_time_zone"),
              fmt::format("quota_time_zone: \"{}\" is no time zone; they are named like "
                          "Europe/Rome, and \"\" is the account's",
                          *name));
    }
  }
}

void FieldReader::limits_table(const char* name, Limits& limits, std::string_view none) {
  if (get<config::Table>(name, "a table") == nullptr) return;
  FieldReader reader(*table_.find(name), names_, run_, problems_);
  reader.limits(limits, none);
  reader.finish();
}

void FieldReader::rates(Limits& limits, std::string_view none) {
  limit("rate_per_second", limits.rate_per_second, none, kMostRate);
  limit("burst", limits.burst, none, kMostRate);
  windows("rate_windows", limits);
  if (!limits.burst) return;
  if (!limits.rate_per_second) {
    problem(place_of("burst"), "a burst needs a rate: give rate_per_second too");
  } else if (*limits.burst < *limits.rate_per_second) {
    problem(place_of("burst"),
            fmt::format("the burst is {}, below the rate, which is {} per second", *limits.burst,
                        *limits.rate_per_second));
  }
}

void FieldReader::limits(Limits& limits, std::string_view none) {
  rates(limits, none);
  limit("quota", limits.quota, none, kMostQuota);
  calendar(limits);
  limit("concurrency", limits.concurrency, none, kMostConcurrency);
}

// The strings of an array; nothing when it is not there or is something else.
std::optional<std::vector<FieldReader::Word>> FieldReader::words(const char* name) {
  const auto* given = get<config::Array>(name, "an array of strings");
  if (given == nullptr) return std::nullopt;
  std::vector<Word> words;
  for (const Node& node : *given) {
    if (const auto* text = std::get_if<std::string>(&node.value)) {
      words.push_back({node.place, *text});
    } else {
      problem(node.place, fmt::format("{} must hold strings, not {}", name, node.type()));
    }
  }
  return words;
}

void FieldReader::networks(const char* name, std::vector<Network>& networks) {
  const auto given = words(name);
  if (!given) return;
  networks.clear();
  for (const Word& word : *given) {
    auto network = Network::parse(word.text);
    if (network) {
      if (std::ranges::find(networks, *network) == networks.end()) networks.push_back(*network);
    } else {
      problem(word.place, fmt::format("{}: {}", name, network.error().message));
    }
  }
}

std::optional<Match> FieldReader::match(const Word& word, const char* name) {
  Run probe = run_.probe();
  Match match = probe.match(word.text);
  if (!probe.failed()) return match;
  problem(word.place, fmt::format("{}: {}", name, probe.refusal().error));
  return std::nullopt;
}

void FieldReader::permissions(const char* allow, const char* deny,
                              std::vector<Permission>& permissions) {
  bool given = false;
  for (const auto& [name, allows] : {std::pair{allow, true}, std::pair{deny, false}}) {
    const auto listed = words(name);
    if (!listed) continue;
    given = true;
    std::erase_if(permissions, [allows](const Permission& one) { return one.allow == allows; });
    for (const Word& word : *listed) {
      if (auto read = match(word, name)) permissions.push_back({std::move(*read), allows});
    }
  }
  // In the document's order, so that writing and reading make no difference.
  std::ranges::stable_sort(permissions, std::greater{}, &Permission::allow);
  if (!given) return;
  if (const auto why = access::without_effect(permissions, run_.services().routes)) {
    problem(place_of(has(allow) ? allow : deny), *why);
  }
}

void FieldReader::openings(const char* name, std::vector<PlanOpening>& openings) {
  const auto* given = get<config::Array>(name, "an array of tables");
  if (given == nullptr) return;
  openings.clear();
  for (const Node& node : *given) {
    std::string what;
    PlanOpening opening;
    if (const auto* written = std::get_if<std::string>(&node.value)) {
      what = *written;
    } else if (node.find("what") != nullptr) {
      FieldReader reader(node, names_, run_, problems_);
      reader.text("what", what);
      reader.limits(opening.own, "plan");
      reader.finish();
    } else {
      problem(node.place,
              fmt::format("{} must hold tables like {{ what = \"messaging:*\" }}", name));
      continue;
    }
    if (auto read = match({node.place, what}, name)) {
      opening.match = std::move(*read);
      openings.push_back(std::move(opening));
    }
  }
}

template <class T>
void FieldReader::resolve(const char* name, const Result<T>& found, decltype(T::id)& id) {
  if (found) {
    id = found->id;
  } else {
    problem(place_of(name), fmt::format("{}: {}", name, found.error().message));
  }
}

void FieldReader::memberships(const char* name, std::vector<DeveloperMembership>& memberships) {
  const auto given = words(name);
  if (!given) return;
  memberships.clear();
  for (const Word& word : *given) {
    const bool owner = word.text.starts_with("owner:");
    if (!owner && !word.text.starts_with("member:")) {
      problem(word.place,
              fmt::format("{} are written like \"owner:ACCOUNT\" or \"member:ACCOUNT\"", name));
      continue;
    }
    DeveloperMembership& one = memberships.emplace_back();
    one.owner = owner;
    resolve(name, names_.account(word.text.substr(word.text.find(':') + 1)), one.account);
  }
}

void FieldReader::roles(const char* name, std::vector<RoleId>& roles, AccountId account) {
  const auto given = words(name);
  if (!given) return;
  roles.clear();
  for (const Word& word : *given)
    resolve(name, names_.role(word.text, account), roles.emplace_back());
}

void FieldReader::assignments(const char* name, std::vector<RoleAssignment>& roles,
                              AccountId account) {
  const auto given = words(name);
  if (!given) return;
  roles.clear();
  for (const Word& word : *given) {
    const std::size_t at = word.text.find('@');
    RoleAssignment one;
    resolve(name, names_.role(word.text.substr(0, at), account), one.role);
    if (at != std::string::npos) {
      resolve(name, names_.workspace(word.text.substr(at + 1), account), one.workspace);
    }
    const Role* role = names_.roles.find(one.role);
    const Workspace* workspace = names_.workspaces.find(one.workspace);
    if (role != nullptr && role->account && role->account != account) {
      problem(word.place,
              fmt::format("{}: role \"{}\" belongs to another account", name, word.text));
    } else if (workspace != nullptr && workspace->account != account) {
      problem(word.place, fmt::format("{}: the workspace of \"{}\" belongs to another account",
                                      name, word.text));
    } else if (std::ranges::find(roles, one) != roles.end()) {
      problem(word.place, fmt::format("{}: \"{}\" is given twice", name, word.text));
    } else if (one.role) {
      roles.push_back(one);
    }
  }
}

void FieldReader::reference(const char* name, AccountId& id) {
  const auto* given = get<std::string>(name, "a string");
  if (given == nullptr) return;
  id = {};
  if (!given->empty()) resolve(name, names_.account(*given), id);
}

void FieldReader::reference(const char* name, ApplicationId& id) {
  if (const auto* given = get<std::string>(name, "a string")) {
    resolve(name, names_.application(*given), id);
  }
}

void FieldReader::reference(const char* name, PlanId& id) {
  if (const auto* given = get<std::string>(name, "a string")) {
    resolve(name, names_.plan(*given), id);
  }
}

void FieldReader::reference(const char* name, SubscriptionId& id) {
  if (const auto* given = get<std::string>(name, "a string")) {
    resolve(name, names_.subscription(*given), id);
  }
}

void FieldReader::digest(const char* name, Digest& value) {
  const auto* given = get<std::string>(name, "a string");
  if (given == nullptr) return;
  const auto bytes = hex_decode(*given);
  if (!bytes || bytes->size() != value.size()) {
    problem(place_of(name), fmt::format("{} must be 64 hexadecimal digits", name));
    return;
  }
  std::ranges::copy(*bytes, reinterpret_cast<char*>(value.data()));
}

}  // namespace sallyport::admin
