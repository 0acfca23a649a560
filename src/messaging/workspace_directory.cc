#include "messaging/workspace_directory.h"

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>
#include <utility>
#include <variant>

namespace sallyport::messaging {
namespace {

std::uint64_t hash_of(AccountId account) { return std::hash<AccountId>{}(account); }

bool made_before(const Workspace& a, const Workspace& b) {
  return std::tuple(a.created_us, a.id) < std::tuple(b.created_us, b.id);
}

}  // namespace

std::uint64_t WorkspaceTable::Record::hash() const { return hash_of(account); }

const WorkspaceTable::Record* WorkspaceTable::record(AccountId account) const {
  return table_.find(hash_of(account),
                     [account](const Record& one) { return one.account == account; });
}

void WorkspaceTable::replace(AccountId account, std::vector<Workspace> workspaces) {
  std::ranges::sort(workspaces, made_before);
  auto made = std::make_unique<const Record>(Record{account, std::move(workspaces)});
  table_.put(std::move(made), [account](const Record& one) { return one.account == account; });
}

void WorkspaceTable::load(const std::vector<Workspace>& workspaces) {
  std::map<AccountId, std::vector<Workspace>> by_account;
  for (const Workspace& one : workspaces) by_account[one.account].push_back(one);
  for (auto& [account, theirs] : by_account) replace(account, std::move(theirs));
}

void WorkspaceTable::put(const Workspace& workspace) {
  std::vector<Workspace> theirs = list(workspace.account);
  const auto same = std::ranges::find(theirs, workspace.id, &Workspace::id);
  if (same == theirs.end()) {
    theirs.push_back(workspace);
  } else {
    *same = workspace;
  }
  replace(workspace.account, std::move(theirs));
}

void WorkspaceTable::remove(const Workspace& workspace) {
  std::vector<Workspace> theirs = list(workspace.account);
  if (std::erase_if(theirs, [&](const Workspace& one) { return one.id == workspace.id; }) == 0) {
    return;
  }
  replace(workspace.account, std::move(theirs));
}

void WorkspaceTable::apply(const Change& change) {
  for (const Entity& entity : change.put) {
    if (const auto* workspace = std::get_if<Workspace>(&entity)) put(*workspace);
  }
  for (const Entity& entity : change.remove) {
    if (const auto* workspace = std::get_if<Workspace>(&entity)) {
      remove(*workspace);
    } else if (const auto* account = std::get_if<Account>(&entity)) {
      const AccountId id = account->id;
      table_.erase(hash_of(id), [id](const Record& one) { return one.account == id; });
    }
  }
}

std::vector<Workspace> WorkspaceTable::list(AccountId account) const {
  const Record* found = record(account);
  return found == nullptr ? std::vector<Workspace>() : found->workspaces;
}

std::optional<Workspace> WorkspaceTable::find(AccountId account, WorkspaceId id) const {
  const Record* found = record(account);
  if (found == nullptr) return std::nullopt;
  const auto one = std::ranges::find(found->workspaces, id, &Workspace::id);
  if (one == found->workspaces.end()) return std::nullopt;
  return *one;
}

std::optional<Workspace> WorkspaceTable::default_of(AccountId account) const {
  const Record* found = record(account);
  if (found == nullptr) return std::nullopt;
  const auto one = std::ranges::find(found->workspaces, true, &Workspace::is_default);
  if (one == found->workspaces.end()) return std::nullopt;
  return *one;
}

}  // namespace sallyport::messaging
