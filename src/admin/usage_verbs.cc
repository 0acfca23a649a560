#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "admin/answers.h"
#include "admin/json_text.h"
#include "admin/verbs.h"
#include "base/time_text.h"
#include "limit/usage.h"

namespace sallyport::admin {
namespace {

using limit::UsageClass;
using limit::UsageRow;

constexpr std::int64_t kDay_us = 86'400'000'000;
constexpr std::int64_t kDefaultDays = 30;
constexpr std::size_t kBarWidth = 40;

struct Sums {
  std::uint64_t successful = 0;
  std::uint64_t blocked = 0;
  std::uint64_t other = 0;
  std::uint64_t shadow = 0;
  std::uint64_t bytes = 0;
  std::uint64_t all() const { return successful + blocked + other; }
};

constexpr std::string_view kGroups[] = {
    "day", "hour", "account", "application", "subscription", "api", "operation", "class", "reason"};

std::string group_of(const Model& model, const UsageRow& row, std::string_view group) {
  const Subscription* subscription = model.subscriptions.find(row.subscription);
  const Application* application =
      subscription == nullptr ? nullptr : model.applications.find(subscription->application);
  if (group == "day") return rfc3339_seconds(row.hour_us).substr(0, 10);
  if (group == "hour") return rfc3339_seconds(row.hour_us);
  if (group == "subscription") return row.subscription.hex();
  if (group == "application") return application == nullptr ? "" : application->name;
  if (group == "account") return application == nullptr ? "" : model.name_of(application->account);
  if (group == "api") return row.api;
  if (group == "operation") return row.operation;
  if (group == "class") return std::string(to_string(row.kind));
  return std::string(to_string(row.reason));
}

void add(Sums& sums, const UsageRow& row) {
  switch (row.kind) {
    case UsageClass::Successful: sums.successful += row.count; break;
    case UsageClass::Blocked: sums.blocked += row.count; break;
    case UsageClass::Other: sums.other += row.count; break;
    case UsageClass::Shadow: sums.shadow += row.count; break;
  }
  sums.bytes += row.bytes;
}

using Key = std::vector<std::string>;
using Table = std::map<Key, Sums>;

// RFC 4180 2.6: what holds a comma, a quote or a line end is quoted. A text that a spreadsheet
// would take for a formula is made a text.
std::string csv_field(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t").find(text.front()) != std::string_view::npos) {
    text.insert(0, 1, '\'');
  }
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string to_csv(const std::vector<std::string>& groups, const Table& table) {
  std::string out;
  for (const std::string& group : groups) out += group + ",";
  out += "requests,successful,blocked,other,shadow,bytes\r\n";
  for (const auto& [key, sums] : table) {
    for (const std::string& part : key) out += csv_field(part) + ",";
    out += fmt::format("{},{},{},{},{},{}\r\n", sums.all(), sums.successful, sums.blocked,
                       sums.other, sums.shadow, sums.bytes);
  }
  return out;
}

// A bar per row, the longest as wide as the chart.
std::string to_chart(const Table& table) {
  std::uint64_t most = 1;
  std::size_t label_width = 0;
  std::vector<std::pair<std::string, Sums>> rows;
  for (const auto& [key, sums] : table) {
    std::string label;
    for (const std::string& part : key) label += (label.empty() ? "" : "  ") + part;
    most = std::max(most, sums.all());
    label_width = std::max(label_width, label.size());
    rows.emplace_back(std::move(label), sums);
  }
  std::string out;
  for (const auto& [label, sums] : rows) {
    const auto wide = [most](std::uint64_t count) {
      return static_cast<std::size_t>((count * kBarWidth + most - 1) / most);
    };
    const std::size_t refused = std::min(wide(sums.blocked), wide(sums.all()));
    std::string bar;
    for (std::size_t i = 0; i < wide(sums.all()); ++i) {
      bar += i < wide(sums.all()) - refused ? "\u2588" : "\u2591";
    }
    out += fmt::format("{:<{}}  {} {}\n", label, label_width, bar, sums.all());
  }
  return out + "\u2588 let in  \u2591 blocked\n";
}

Fields describe(const std::vector<std::string>& groups, const Key& key, const Sums& sums) {
  Fields fields;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    fields.push_back({groups[i], key[i], json_string(key[i]), true});
  }
  const auto number = [&fields](std::string name, std::uint64_t value) {
    fields.push_back({std::move(name), std::to_string(value), std::to_string(value), true});
  };
  number("requests", sums.all());
  number("successful", sums.successful);
  number("blocked", sums.blocked);
  number("other", sums.other);
  number("shadow", sums.shadow);
  number("bytes", sums.bytes);
  return fields;
}

std::vector<std::string> read_groups(Run& run) {
  std::vector<std::string> groups = run.all("by");
  if (groups.empty()) groups = {"day", "application", "operation"};
  for (const std::string& group : groups) {
    if (std::ranges::find(kGroups, group) != std::end(kGroups)) continue;
    run.refuse(fmt::format("--by must be one of {}, not \"{}\"", fmt::join(kGroups, ", "), group));
  }
  return groups;
}

limit::UsageQuery read_query(Run& run) {
  limit::UsageQuery query;
  query.since_us = run.has("since") ? run.time("since")
                                    : run.now_us() / kDay_us * kDay_us - kDefaultDays * kDay_us;
  if (run.has("until")) query.until_us = run.time("until");
  const AccountId account = run.account_option();
  ApplicationId application;
  if (run.has("application")) {
    application = run.take(run.model().application(run.one("application"), account)).id;
  }
  SubscriptionId only;
  if (run.has("subscription")) {
    only = run.take(run.model().subscription(run.one("subscription"))).id;
  }
  if (!account && !application && !only) return query;
  for (const Subscription* one : run.model().subscriptions.all()) {
    const Application* owner = run.model().applications.find(one->application);
    if (only && one->id != only) continue;
    if (application && one->application != application) continue;
    if (account && (owner == nullptr || owner->account != account)) continue;
    query.subscriptions.push_back(one->id);
  }
  if (query.subscriptions.empty()) query.subscriptions.push_back({});  // nobody's
  return query;
}

CommandReply usage(Run& run) {
  const std::vector<std::string> groups = read_groups(run);
  const limit::UsageQuery query = read_query(run);
  if (!run.services().usage) run.refuse("usage cannot be read here");
  if (run.failed()) return run.refusal();
  const auto rows = run.take(run.services().usage(query));
  if (run.failed()) return run.refusal();
  Table table;
  for (const UsageRow& row : rows) {
    if (run.has("operation") && row.operation != run.one("operation")) continue;
    Key key;
    for (const std::string& group : groups) key.push_back(group_of(run.model(), row, group));
    add(table[key], row);
  }
  std::vector<Fields> described;
  for (const auto& [key, sums] : table) described.push_back(describe(groups, key, sums));
  CommandReply reply{kDone, to_table(described), to_json_array(described), ""};
  if (run.has("csv")) reply.text = to_csv(groups, table);
  if (run.has("chart")) reply.text = to_chart(table);
  return reply;
}

}  // namespace

std::vector<ActionInfo> usage_actions() {
  return {
      {"usage",
       "",
       "",
       "Counts requests by day, application and operation.",
       usage,
       {{"by", "GROUP",
         "What to count by, instead: day, hour, account, application, subscription, api, "
         "operation, class, reason. May be repeated.",
         false, true},
        {"since", "TIME", "From when on. Default: 30 days ago."},
        {"until", "TIME", "Until when."},
        {"account", "ACCOUNT", "Only of this account."},
        {"application", "APPLICATION", "Only of this application."},
        {"subscription", "SUBSCRIPTION", "Only of this subscription."},
        {"operation", "NAME", "Only of this operation."},
        {"csv", "", "Answers in CSV."},
        {"chart", "", "Draws a bar for each row."}}},
  };
}

}  // namespace sallyport::admin
