#include "admin/user_import.h"

#include <fmt/format.h>

#include <exception>
#include <unordered_map>
#include <utility>

#include <boost/json.hpp>

#include "admin/answers.h"
#include "admin/json_text.h"
#include "admin/rows.h"
#include "auth/password_format.h"
#include "auth/username.h"
#include "base/encoding.h"

namespace sallyport::admin {
namespace {

struct UserRow {
  std::string name;
  std::string verifier;
};

std::optional<UserRow> user_in(std::string_view text) {
  try {
    const boost::json::value document = boost::json::parse({text.data(), text.size()});
    const boost::json::object& object = document.as_object();
    return UserRow{boost::json::value_to<std::string>(object.at("name")),
                   boost::json::value_to<std::string>(object.at("verifier"))};
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

// One piece of an import.
class Piece {
 public:
  Piece(Run& run, User pattern) : run_(run), pattern_(std::move(pattern)) {}

  CommandReply import(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      auto user = user_in(row.text);
      if (!user) {
        return {kBadUsage, "", "", "the rows are not what this version understands"};
      }
      if (auto rule = take(row.line, std::move(*user)); !rule.empty()) {
        result_.refused.push_back({row.line, std::move(rule)});
      }
      if (run_.failed()) return run_.refusal();  // the store does not answer
    }
    if (change_.put.empty()) return answer();
    result_.done = std::ssize(change_.put);
    const std::string json = JsonObject()
                                 .number("users", result_.done)
                                 .number("first_line", rows.front().line)
                                 .number("last_line", rows.back().line)
                                 .str();
    const std::string subject = fmt::format("{} users", result_.done);
    change_.events.push_back({"users.imported", subject, pattern_.account, json, run_.now_us()});
    change_.audit.subject = subject;
    change_.audit.json = json;
    if (auto failed = run_.commit(std::move(change_))) return *failed;
    return answer();
  }

 private:
  CommandReply answer() const { return {kDone, "", to_json(result_), ""}; }

  // The rule that it breaks, or nothing. Whoever has the socket may send rows, so all is asked
  // anew.
  std::string take(std::int64_t line, UserRow row) {
    if (const auto named = auth::check_username(row.name); !named) return named.error().message;
    const auto format = auth::read_format(row.verifier);
    if (!format) return format.error().message;
    if (format->kind == auth::HashKind::Sha256) {
      return "a hash from elsewhere must be slow, and $sha256$ is not";
    }
    const std::string folded = fold_username(row.name).value_or("");
    if (run_.take(run_.store().find_user(pattern_.account, folded))) {
      ++result_.present;
      return {};
    }
    if (run_.failed()) return {};
    const auto [other, is_new] = lines_.emplace(folded, line);
    if (!is_new) return fmt::format("it has the same name as line {}", other->second);
    User user = pattern_;
    user.id = make_id<UserId>(run_.random());
    user.username = std::move(row.name);
    user.verifier = std::move(row.verifier);
    change_.put.emplace_back(std::move(user));
    return {};
  }

  Run& run_;
  const User pattern_;  // what all have in common
  RowsResult result_;
  Change change_;
  std::unordered_map<std::string, std::int64_t> lines_;
};

CommandReply user_import(Run& run) {
  const auto text = run.secret(kRowsSecret);
  if (!text) run.bad_usage("there are no rows: the command line reads them from the file");
  User pattern;
  pattern.account = run.account_option();
  pattern.created_us = run.now_us();
  pattern.status = run.has("pending") ? Status::Pending : Status::Active;
  pattern.must_change = run.has("must-change");
  pattern.allowed_networks = run.networks("network");
  for (const std::string& role : run.all("role")) {
    if (run.failed()) break;
    const RoleAssignment given = read_assignment(run, role, pattern.account);
    if (std::ranges::find(pattern.roles, given) == pattern.roles.end()) {
      pattern.roles.push_back(given);
    }
  }
  if (run.failed()) return run.refusal();
  const std::vector<Row> rows = run.take(read_rows(*text));
  if (run.failed()) return run.refusal();
  return Piece(run, std::move(pattern)).import(rows);
}

}  // namespace

RoleAssignment read_assignment(Run& run, const std::string& text, AccountId account) {
  const std::size_t at = text.find('@');
  RoleAssignment given;
  given.role = run.take(run.model().role(text.substr(0, at), account)).id;
  if (at != std::string::npos) {
    given.workspace = run.take(run.model().workspace(text.substr(at + 1), account)).id;
  }
  const Role* role = run.model().roles.find(given.role);
  if (role != nullptr && role->account && role->account != account) {
    run.refuse(fmt::format("role {} belongs to another account", label_of(*role)));
  }
  const Workspace* workspace = run.model().workspaces.find(given.workspace);
  if (workspace != nullptr && workspace->account != account) {
    run.refuse(fmt::format("workspace {} belongs to another account", label_of(*workspace)));
  }
  return given;
}

ActionInfo user_import_action() {
  ActionInfo action{
      "user",
      "import",
      "FILE",
      "Takes in users with their password hashes, from a file of NAME:HASH lines (htpasswd, "
      "shadow).",
      user_import,
      {{"account", "ACCOUNT", "The account the users belong to.", true, false},
       {"role", "ROLE[@WORKSPACE]", "A role for all of them. May be repeated.", false, true},
       {"network", "CIDR", "Where they may come from. May be repeated.", false, true},
       {"pending", "", "Not let in until activated."},
       {"must-change", "", "They must change their password before anything else."}}};
  action.rows = RowInput::Users;
  return action;
}

}  // namespace sallyport::admin
