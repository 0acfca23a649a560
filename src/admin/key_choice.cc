#include "admin/key_choice.h"

#include <fmt/format.h>

#include <algorithm>

#include "admin/answers.h"
#include "admin/json_text.h"
#include "admin/key_terms.h"
#include "admin/rows.h"

namespace sallyport::admin {
namespace {

// In one transaction; other commands have their turn between two.
constexpr std::size_t kKeysAtOnce = 5'000;

std::optional<CommandReply> revoke(Run& run, const std::vector<ApiKey>& keys) {
  std::optional<CommandReply> failed;
  for (std::size_t begin = 0; begin < keys.size(); begin += kKeysAtOnce) {
    Change change;
    const std::size_t end = std::min(keys.size(), begin + kKeysAtOnce);
    std::vector<std::string> ids;
    for (std::size_t i = begin; i < end; ++i) {
      ApiKey key = keys[i];
      key.status = Status::Revoked;
      const Subscription* subscription = run.model().subscriptions.find(key.subscription);
      const AccountId account =
          subscription == nullptr ? AccountId{} : key_terms(run.model(), *subscription).account;
      Change one = change_of(run, key, "key.revoked", account);
      change.put.push_back(std::move(one.put.front()));
      change.events.push_back(std::move(one.events.front()));
      ids.push_back(json_string(key.id.hex()));
    }
    change.audit.subject = fmt::format("{} keys", end - begin);
    change.audit.json = JsonObject().raw("revoked", json_array(ids)).str();
    // Goes on: what cannot be made durable is in force all the same.
    if (auto problem = run.commit(std::move(change))) failed = std::move(problem);
  }
  return failed;
}

CommandReply revoke_rows(Run& run, const std::string& text) {
  const std::vector<Row> rows = run.take(read_rows(text));
  if (run.failed()) return run.refusal();
  RowsResult result;
  std::vector<ApiKey> keys;
  for (const Row& row : rows) {
    const auto key = run.model().key(row.text);
    if (!key) {
      result.refused.push_back({row.line, key.error().message});
    } else if (key->status == Status::Revoked) {
      ++result.present;
    } else if (std::ranges::find(keys, key->id, &ApiKey::id) == keys.end()) {
      keys.push_back(*key);
    }
  }
  if (auto failed = revoke(run, keys)) return *failed;
  result.done = std::ssize(keys);
  return {kDone, "", to_json(result), ""};
}

}  // namespace

KeyChoice read_choice(Run& run) {
  KeyChoice choice;
  if (run.has("subscription")) {
    choice.subscription = run.take(run.model().subscription(run.one("subscription"))).id;
  }
  choice.account = run.account_option();
  if (run.has("application")) {
    choice.application =
        run.take(run.model().application(run.one("application"), choice.account)).id;
  }
  if (run.has("status")) {
    choice.status = parse_status(run.one("status"));
    if (!choice.status) {
      run.refuse(
          fmt::format("--status must be active, waiting, unclaimed, disabled or revoked, "
                      "not \"{}\"",
                      run.one("status")));
    }
  }
  choice.unused_since_us = run.time("unused-since");
  return choice;
}

Selection<ApiKey> chosen_keys(const Model& model, const KeyChoice& choice) {
  return model.keys.select([&](const ApiKey& key) {
    if (choice.subscription && key.subscription != choice.subscription) return false;
    if (choice.status && key.status != *choice.status) return false;
    if (choice.unused_since_us != 0 && key.last_used_us >= choice.unused_since_us) return false;
    if (!choice.application && !choice.account) return true;
    const Subscription* subscription = model.subscriptions.find(key.subscription);
    if (subscription == nullptr) return false;
    if (choice.application && subscription->application != choice.application) return false;
    const Application* application = model.applications.find(subscription->application);
    return !choice.account || (application != nullptr && application->account == choice.account);
  });
}

std::vector<OptionInfo> list_options() {
  return {{"subscription", "SUBSCRIPTION", "Only of this subscription."},
          {"application", "APPLICATION", "Only of this application."},
          {"account", "ACCOUNT", "Only of this account."},
          {"status", "STATUS", "Only active, waiting, unclaimed, disabled or revoked ones."},
          {"unused-since", "TIME", "Only those that nobody has used since then."}};
}

std::vector<OptionInfo> revoke_options() {
  return {
      {"subscription", "SUBSCRIPTION", "Every key of this subscription."},
      {"application", "APPLICATION", "Every key of this application."},
      {"account", "ACCOUNT", "Every key of this account."},
      {"ids", "FILE", "The keys whose ids are in this file, one a line; \"-\" is standard input."}};
}

CommandReply revoke_chosen(Run& run) {
  if (const auto rows = run.secret("rows")) return revoke_rows(run, *rows);
  const KeyChoice choice = read_choice(run);
  if (!choice.narrows_owner()) {
    run.bad_usage(
        "name a key by its id, or give --subscription, --application, --account or --ids");
  }
  if (run.failed()) return run.refusal();
  std::vector<ApiKey> keys;
  for (const ApiKey* key : chosen_keys(run.model(), choice)) {
    if (key->status != Status::Revoked) keys.push_back(*key);
  }
  if (auto failed = revoke(run, keys)) return *failed;
  return {kDone, fmt::format("{} key{} revoked\n", keys.size(), keys.size() == 1 ? "" : "s"),
          JsonObject().number("revoked", std::ssize(keys)).str(), ""};
}

}  // namespace sallyport::admin
