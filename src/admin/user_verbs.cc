#include <fmt/format.h>

#include <algorithm>

#include "admin/answers.h"
#include "admin/json_text.h"
#include "admin/verbs.h"
#include "base/encoding.h"

namespace sallyport::admin {
namespace {

constexpr std::size_t kMinPassword = 8;
constexpr std::size_t kMaxPassword = 256;
constexpr std::size_t kMaxUsernameBytes = 128;

User named_user(Run& run) {
  const AccountId account = run.account_option();
  return run.take(run.model().user(run.subject(), account));
}

// The policy: 8 to 256 characters, without the user's name.
void check_password(Run& run, const std::string& password, const User& user) {
  const auto normal = normalize_password(password);
  if (!normal) return run.refuse("the password must be UTF-8 without control characters");
  const std::size_t length = count_code_points(*normal);
  if (length < kMinPassword || length > kMaxPassword) {
    return run.refuse(fmt::format("the password has {} characters; it must have {} to {}", length,
                                  kMinPassword, kMaxPassword));
  }
  const auto folded_password = fold_username(*normal);
  const auto folded_name = fold_username(user.username);
  if (folded_password && folded_name && folded_password->find(*folded_name) != std::string::npos) {
    run.refuse("the password must not hold the user name");
  }
}

// Sets the verifier; what was made is to be shown, once.
Secret set_password(Run& run, User& user) {
  if (run.failed()) return {};
  if (run.has("generate")) {
    NewPassword made = run.take(run.services().generate_password());
    user.verifier = std::move(made.verifier);
    return std::move(made.text);
  }
  const auto password = run.secret("password");
  if (!password) {
    run.bad_usage("no password: give it on standard input, or use --generate");
    return {};
  }
  check_password(run, *password, user);
  if (!run.failed()) user.verifier = run.take(run.services().hash_password(*password));
  return {};
}

CommandReply with_password(const Run& run, CommandReply reply, const User& user,
                           const Secret& password) {
  if (reply.exit_code != kDone || password.empty()) return reply;
  reply.text +=
      fmt::format("{}\nThis is the only time that the password is shown.\n", password.reveal());
  Fields fields = describe(user, run.model());
  fields.push_back({"password", "", json_string(password.reveal()), false});
  reply.json = to_json(fields);
  return reply;
}

// "ROLE" or "ROLE@WORKSPACE", of the user's account.
RoleAssignment assignment(Run& run, const std::string& text, AccountId account) {
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

void check_username(Run& run, const User& user) {
  if (!fold_username(user.username) || user.username.size() > kMaxUsernameBytes) {
    return run.refuse(
        fmt::format("a user name is 1 to {} bytes of UTF-8 without control "
                    "characters",
                    kMaxUsernameBytes));
  }
  if (user.username.find(':') != std::string::npos) {
    return run.refuse("a user name must not hold a colon: HTTP Basic ends the name at the first");
  }
  run.new_name("user name", user.username);
  const auto folded = fold_username(user.username);
  const auto taken = run.model().users.select([&](const User& one) {
    return one.account == user.account && fold_username(one.username) == folded;
  });
  if (!taken.empty()) {
    run.refuse(fmt::format(
        "user {} of the account has that name already{}", label_of(*taken.front()),
        taken.front()->status == Status::Deleted ? " (deleted; names are not used twice)" : ""));
  }
}

CommandReply user_add(Run& run) {
  User user;
  user.username = run.subject();
  user.id = make_id<UserId>(run.random());
  user.created_us = run.now_us();
  user.account = run.account_option();
  if (run.failed()) return run.refusal();
  check_username(run, user);
  for (const std::string& text : run.all("role")) {
    user.roles.push_back(assignment(run, text, user.account));
  }
  user.allowed_networks = run.networks("network");
  if (run.has("first-name")) user.first_name = run.new_name("first name", run.one("first-name"));
  if (run.has("last-name")) user.last_name = run.new_name("last name", run.one("last-name"));
  const Secret generated = set_password(run, user);
  return with_password(run, save(run, user, "user.created", user.account), user, generated);
}

CommandReply user_list(Run& run) {
  const AccountId account = run.account_option();
  return list(run, run.model().users.select(
                       [&](const User& one) { return !account || one.account == account; }));
}

CommandReply user_show(Run& run) { return show(run, named_user(run)); }

CommandReply user_password(Run& run) {
  User user = named_user(run);
  if (user.status == Status::Deleted) {
    run.refuse(fmt::format("user {} is deleted, and that is final", label_of(user)));
  }
  const Secret generated = set_password(run, user);
  user.must_change = false;
  ++user.security_version;
  return with_password(run, save(run, user, "user.password_changed", user.account), user,
                       generated);
}

// Ends what was proven under the old status, too.
CommandReply move_user(Run& run, std::initializer_list<Status> from, Status to,
                       std::string_view event) {
  User user = named_user(run);
  ++user.security_version;
  return set_status(run, user, from, to, event, user.account);
}

CommandReply user_block(Run& run) {
  return move_user(run, {Status::Active, Status::Inactive, Status::Pending}, Status::Blocked,
                   "user.blocked");
}
CommandReply user_unblock(Run& run) {
  return move_user(run, {Status::Blocked}, Status::Active, "user.unblocked");
}
CommandReply user_activate(Run& run) {
  return move_user(run, {Status::Pending, Status::Inactive}, Status::Active, "user.activated");
}
CommandReply user_deactivate(Run& run) {
  return move_user(run, {Status::Active, Status::Pending}, Status::Inactive, "user.deactivated");
}
CommandReply user_delete(Run& run) {
  return move_user(run, {Status::Pending, Status::Active, Status::Inactive, Status::Blocked},
                   Status::Deleted, "user.deleted");
}

// Ends every proof and every token that there is of the user; the password stays.
CommandReply user_sign_out(Run& run) {
  User user = named_user(run);
  ++user.security_version;
  return save(run, user, "user.signed_out", user.account);
}

CommandReply user_roles(Run& run) {
  User user = named_user(run);
  if (run.failed() || (!run.has("add") && !run.has("remove"))) return show(run, user);
  for (const std::string& text : run.all("add")) {
    const RoleAssignment given = assignment(run, text, user.account);
    if (run.failed()) return run.refusal();
    if (std::ranges::find(user.roles, given) != user.roles.end()) {
      run.refuse(fmt::format("user {} has the role \"{}\" already", label_of(user), text));
    }
    user.roles.push_back(given);
  }
  for (const std::string& text : run.all("remove")) {
    const RoleAssignment given = assignment(run, text, user.account);
    if (run.failed()) return run.refusal();
    if (std::erase(user.roles, given) == 0) {
      run.refuse(fmt::format("user {} does not have the role \"{}\"", label_of(user), text));
    }
  }
  return save(run, user, "user.roles_changed", user.account);
}

constexpr OptionInfo kOfAccount{"account", "ACCOUNT", "The user's account, to tell names apart.",
                                false, false};
constexpr OptionInfo kGenerate{"generate", "", "Makes a password and shows it, this once.", false,
                               false};

}  // namespace

std::vector<ActionInfo> user_actions() {
  return {
      {"user",
       "add",
       "NAME",
       "Adds a user. The password is asked for, or read from standard input.",
       user_add,
       {{"account", "ACCOUNT", "The account the user belongs to.", true, false},
        {"role", "ROLE[@WORKSPACE]", "A role, account-wide or in one workspace. May be repeated.",
         false, true},
        {"network", "CIDR", "Where the user may come from. May be repeated.", false, true},
        {"first-name", "NAME", "The first name."},
        {"last-name", "NAME", "The last name."},
        kGenerate},
       SecretInput::NewPassword},
      {"user",
       "list",
       "",
       "Lists users.",
       user_list,
       {{"account", "ACCOUNT", "Only of this account."}}},
      {"user", "show", "USER", "Shows one user.", user_show, {kOfAccount}},
      {"user",
       "password",
       "USER",
       "Sets the password. It is asked for, or read from standard input.",
       user_password,
       {kOfAccount, kGenerate},
       SecretInput::NewPassword},
      {"user", "block", "USER", "Keeps a user out until unblocked.", user_block, {kOfAccount}},
      {"user", "unblock", "USER", "Lets a blocked user in again.", user_unblock, {kOfAccount}},
      {"user",
       "activate",
       "USER",
       "Lets a pending or inactive user in.",
       user_activate,
       {kOfAccount}},
      {"user", "deactivate", "USER", "Makes a user inactive.", user_deactivate, {kOfAccount}},
      {"user",
       "sign-out",
       "USER",
       "Ends every token of a user at once; the password stays.",
       user_sign_out,
       {kOfAccount}},
      {"user",
       "delete",
       "USER",
       "Deletes a user for good; the name is not used again.",
       user_delete,
       {kOfAccount}},
      {"user",
       "roles",
       "USER",
       "Shows or changes a user's roles.",
       user_roles,
       {kOfAccount,
        {"add", "ROLE[@WORKSPACE]", "Gives a role. May be repeated.", false, true},
        {"remove", "ROLE[@WORKSPACE]", "Takes a role away. May be repeated.", false, true}}},
  };
}

}  // namespace sallyport::admin
