// How entities are shown: as fields with a text for people and JSON for programs, in one order.
// No digest and no password verifier ever becomes a field. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/model.h"
#include "base/entities.h"

namespace sallyport::admin {

struct Field {
  std::string name;
  std::string text;
  std::string json;
  bool listed = false;  // a column of the listing
};
using Fields = std::vector<Field>;

Fields describe(const Account& account, const Model& model);
Fields describe(const Developer& developer, const Model& model);
Fields describe(const Application& application, const Model& model);
Fields describe(const Plan& plan, const Model& model);
Fields describe(const Subscription& subscription, const Model& model);
Fields describe(const ApiKey& key, const Model& model);
Fields describe(const Grant& grant, const Model& model);
Fields describe(const Role& role, const Model& model);
Fields describe(const User& user, const Model& model);
Fields describe(const Workspace& workspace, const Model& model);
Fields describe(const Sender& sender, const Model& model);
Fields describe(const SendingRules& rules, const Model& model);

std::string to_json(const Fields& fields);
std::string to_lines(const Fields& fields);             // "name: text", one a line
std::string to_table(const std::vector<Fields>& rows);  // the listed ones, under a heading
std::string to_json_array(const std::vector<Fields>& rows);

std::string match_text(const Match& match);  // "messaging:messages.create", "messaging GET /x/**"

// "account", "key", ...: as audit rows and messages write it.
std::string_view kind_of(const Account&);
std::string_view kind_of(const Developer&);
std::string_view kind_of(const Application&);
std::string_view kind_of(const Plan&);
std::string_view kind_of(const Subscription&);
std::string_view kind_of(const ApiKey&);
std::string_view kind_of(const Grant&);
std::string_view kind_of(const Role&);
std::string_view kind_of(const User&);
std::string_view kind_of(const Workspace&);
std::string_view kind_of(const Sender&);
std::string_view kind_of(const SendingRules&);

// What a person calls it: its name in quotation marks, or its id.
std::string label_of(const Account& account);
std::string label_of(const Developer& developer);
std::string label_of(const Application& application);
std::string label_of(const Plan& plan);
std::string label_of(const Subscription& subscription);
std::string label_of(const ApiKey& key);
std::string label_of(const Grant& grant);
std::string label_of(const Role& role);
std::string label_of(const User& user);
std::string label_of(const Workspace& workspace);
std::string label_of(const Sender& sender);

}  // namespace sallyport::admin
