// Every verb that is carried out on entities: its words, its options, its help, and the function
// that does it. One table feeds the command line, its help, the man page's test and Commands.
// Constant after start, any thread; the functions run on the control thread.
#pragma once

#include <string_view>
#include <vector>

#include "admin/command.h"

namespace sallyport::admin {

class Run;

struct OptionInfo {
  std::string_view name;   // without the dashes
  std::string_view value;  // "NUMBER"; empty for a flag
  std::string_view help;
  bool required = false;
  bool repeats = false;
};

enum class SecretInput : unsigned char {
  None,
  NewPassword,  // prompted twice, or a line of standard input; not with --generate
  Key,          // with --key-stdin only
  Document,     // the content of the file that the command names, "-" = standard input
};

// A list that may be too long for one request: the command line sends it in pieces, see rows.h.
enum class RowInput : unsigned char {
  None,
  Ids,    // with --ids: ids, one a line
  Keys,   // the subject is a file of keys
  Users,  // the subject is a file of users
};

struct ActionInfo {
  std::string_view verb;
  std::string_view action;   // empty for a verb without actions
  std::string_view subject;  // "NAME"; empty when it names nothing
  std::string_view help;
  CommandReply (*run)(Run& run);
  std::vector<OptionInfo> options;
  SecretInput secret = SecretInput::None;
  RowInput rows = RowInput::None;
  bool subject_optional = false;
};

struct VerbInfo {
  std::string_view name;
  std::string_view help;
};

const std::vector<VerbInfo>& entity_verbs();  // in the order of the help
const std::vector<ActionInfo>& actions();
const ActionInfo* find_action(std::string_view verb, std::string_view action);
// Verbs that later versions have: they say so and exit 1.
const std::vector<std::string_view>& reserved_verbs();

// What each verb contributes to actions().
std::vector<ActionInfo> account_actions();
std::vector<ActionInfo> developer_actions();
std::vector<ActionInfo> application_actions();
std::vector<ActionInfo> grant_actions();
std::vector<ActionInfo> workspace_actions();
std::vector<ActionInfo> plan_actions();
std::vector<ActionInfo> subscription_actions();
std::vector<ActionInfo> key_actions();
std::vector<ActionInfo> user_actions();
std::vector<ActionInfo> role_actions();
std::vector<ActionInfo> queue_actions();
std::vector<ActionInfo> message_actions();
std::vector<ActionInfo> sender_actions();  // and account set-sending
std::vector<ActionInfo> audit_actions();   // and explain
std::vector<ActionInfo> reload_actions();
std::vector<ActionInfo> secrets_actions();
std::vector<ActionInfo> quota_actions();
std::vector<ActionInfo> usage_actions();
std::vector<ActionInfo> document_actions();  // export, apply

}  // namespace sallyport::admin
