// What an entity of a document must hold to beyond the kinds of its fields: the rules that the
// verbs have, and what never changes of an entity that is there. What stays as it is already is
// never a problem, so that whatever was exported can be applied. Used by admin/apply on the control
// thread.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "admin/document_reader.h"
#include "admin/model.h"
#include "admin/run.h"
#include "base/entities.h"

namespace sallyport::admin {

class DocumentRules {
 public:
  // `names`: what references may name, the document's entities among them as far as it was read.
  DocumentRules(const Run& run, const Model& names, std::vector<std::string>& notes)
      : run_(run), names_(names), notes_(notes) {}

  // `before` is nullptr for a new entity. Problems are noted at the reader's places.
  void check(const Account* before, Account& account, FieldReader& reader);
  void check(const Workspace* before, Workspace& workspace, FieldReader& reader);
  void check(const Role* before, Role& role, FieldReader& reader);
  void check(const Plan* before, Plan& plan, FieldReader& reader);
  void check(const Developer* before, Developer& developer, FieldReader& reader);
  void check(const Application* before, Application& application, FieldReader& reader);
  void check(const User* before, User& user, FieldReader& reader);
  void check(const Subscription* before, Subscription& subscription, FieldReader& reader);
  void check(const ApiKey* before, ApiKey& key, FieldReader& reader);
  void check(const Grant* before, Grant& grant, FieldReader& reader);

  // After all workspaces: an account has one default, not two and not none.
  void check_default_workspaces(DocumentProblems& problems) const;
  // False for an account for which the document makes no default workspace.
  bool has_default_workspace(AccountId account) const;

 private:
  void check_name(FieldReader& reader, const char* field, std::string_view what,
                  const std::string& name, bool optional = false);
  void check_key_terms(const ApiKey* before, const ApiKey& key, FieldReader& reader);

  const Run& run_;
  const Model& names_;
  std::vector<std::string>& notes_;
  std::vector<std::pair<config::Place, AccountId>> moved_defaults_;
};

}  // namespace sallyport::admin
