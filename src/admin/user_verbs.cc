#include <fmt/format.h>

#include <algorithm>

#include "admin/answers.h"
#include "admin/giver.h"
#include "admin/json_text.h"
#include "admin/user_import.h"
#include "admin/verbs.h"
#include "auth/password_policy.h"
#include "auth/username.h"
#include "base/encoding.h"

namespace sallyport::admin {
namespace {

User named_user(Run& run) {
  const AccountId account = run.account_option();
  return run.take(run.model().user(run.subject(), account));
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
  run.take(auth::check_password_policy(*password, user.username));
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

void check_username(Run& run, const User& user) {
  const auto named = auth::check_username(user.username);
  if (!named) return run.take(named);
  const auto id = run.take(run.store().find_user(user.account, *fold_username(user.username)));
  const auto taken = id ? run.model().users.find(*id) : std::nullopt;
  if (taken) {
    run.refuse(fmt::format(
        "user {} of the account has that name already{}", label_of(*taken),
        taken->status == Status::Deleted ? " (deleted; names are not used twice)" : ""));
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
    const RoleAssignment given = read_assignment(run, text, user.account);
    if (std::ranges::find(user.roles, given) == user.roles.end()) user.roles.push_back(given);
  }
  check_giver_of(run, user.roles, user.account);
  user.allowed_networks = run.networks("network");
  if (run.has("first-name")) user.first_name = run.new_name("first name", run.one("first-name"));
  if (run.has("last-name")) user.last_name = run.new_name("last name", run.one("last-name"));
  if (run.has("pending")) user.status = Status::Pending;
  user.must_change = run.has("must-change");
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
  user.must_change = run.has("must-change");
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

CommandReply user_networks(Run& run) {
  User user = named_user(run);
  if (run.failed() || (!run.has("add") && !run.has("remove"))) return show(run, user);
  for (const Network& network : run.networks("add")) {
    if (std::ranges::find(user.allowed_networks, network) != user.allowed_networks.end()) {
      run.refuse(fmt::format("user {} may come from {} already", label_of(user), network.text()));
    }
    user.allowed_networks.push_back(network);
  }
  for (const Network& network : run.networks("remove")) {
    if (std::erase(user.allowed_networks, network) == 0) {
      run.refuse(
          fmt::format("{} is not among the networks of user {}", network.text(), label_of(user)));
    }
  }
  CommandReply reply = save(run, user, "user.networks_changed", user.account);
  if (reply.exit_code == kDone && user.allowed_networks.empty()) {
    reply.text += "No network is left: the user may come from everywhere.\n";
  }
  return reply;
}

// Changes nothing that is stored, but an operator did it: a row in the audit log.
CommandReply user_unlock(Run& run) {
  const User user = named_user(run);
  std::optional<IpAddress> source;
  if (run.has("source")) {
    source = IpAddress::parse(run.one("source"));
    if (!source) run.refuse(fmt::format("\"{}\" is not an IP address", run.one("source")));
  }
  if (run.failed()) return run.refusal();
  Change change;
  change.audit.subject = fmt::format("user {}", user.id.hex());
  if (source) change.audit.json = JsonObject().text("source", source->text()).str();
  if (auto failed = run.commit(std::move(change))) return *failed;
  if (!run.services().unlock) {
    return {kDone, "no server runs, and wrong passwords are counted in its memory only\n",
            to_json(describe(user, run.model())), ""};
  }
  run.services().unlock({user.account, *fold_username(user.username), source});
  return reply_of(run, user, "user.unlocked");
}

CommandReply user_roles(Run& run) {
  User user = named_user(run);
  if (run.failed() || (!run.has("add") && !run.has("remove"))) return show(run, user);
  for (const std::string& text : run.all("add")) {
    const RoleAssignment given = read_assignment(run, text, user.account);
    if (run.failed()) return run.refusal();
    if (std::ranges::find(user.roles, given) != user.roles.end()) {
      run.refuse(fmt::format("user {} has the role \"{}\" already", label_of(user), text));
    }
    user.roles.push_back(given);
    check_giver_of(run, {given}, user.account);
  }
  for (const std::string& text : run.all("remove")) {
    const RoleAssignment given = read_assignment(run, text, user.account);
    if (run.failed()) return run.refusal();
    if (std::erase(user.roles, given) == 0) {
      run.refuse(fmt::format("user {} does not have the role \"{}\"", label_of(user), text));
    }
  }
  return save(run, user, "user.roles_changed", user.account);
}

constexpr OptionInfo kOfAccount{"account", "ACCOUNT", "The user's account, to tell names apart.",
                                false, false};
constexpr OptionInfo kMustChange{"must-change", "",
                                 "It must be changed (PUT /auth/password) before anything else.",
                                 false, false};
constexpr OptionInfo kGenerate{"generate", "", "Makes a password and shows it, this once.", false,
                               false};

}  // namespace

std::vector<ActionInfo> user_actions() {
  std::vector<ActionInfo> all = {
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
        {"pending", "", "Not let in until activated."},
        kMustChange,
        kGenerate,
        kBy},
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
       {kOfAccount, kMustChange, kGenerate},
       SecretInput::NewPassword},
      {"user",
       "networks",
       "USER",
       "Shows or changes where a user may come from; no network: from everywhere.",
       user_networks,
       {kOfAccount,
        {"add", "CIDR", "One more network. May be repeated.", false, true},
        {"remove", "CIDR", "Takes a network away. May be repeated.", false, true}}},
      {"user",
       "unlock",
       "USER",
       "Forgets wrong passwords: whoever is told to wait may try again at once.",
       user_unlock,
       {kOfAccount,
        {"source", "ADDRESS", "Also what this address, or its IPv6 /64, failed at any name."}}},
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
        {"remove", "ROLE[@WORKSPACE]", "Takes a role away. May be repeated.", false, true},
        kBy}},
  };
  all.insert(all.begin() + 1, user_import_action());  // after add
  return all;
}

}  // namespace sallyport::admin
