// The workspaces of each account, as the resources ask for them. WorkspaceTable keeps them in
// memory: loaded at start and changed on the control thread, read by every worker without a lock.
// Values are copied out; nothing fails.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/entities.h"
#include "base/table.h"

namespace sallyport::messaging {

class WorkspaceDirectory {
 public:
  virtual ~WorkspaceDirectory() = default;
  // In the order of their making, disabled ones too. Any worker.
  virtual std::vector<Workspace> list(AccountId account) const = 0;
  // Nullopt also when it is another account's.
  virtual std::optional<Workspace> find(AccountId account, WorkspaceId id) const = 0;
  // The one behind "/messages".
  virtual std::optional<Workspace> default_of(AccountId account) const = 0;
};

class WorkspaceTable final : public WorkspaceDirectory {
 public:
  explicit WorkspaceTable(Reclaimer& reclaimer) : table_(reclaimer) {}

  void load(const std::vector<Workspace>& workspaces);  // control thread, before the traffic
  void apply(const Change& change);                     // control thread

  std::vector<Workspace> list(AccountId account) const override;
  std::optional<Workspace> find(AccountId account, WorkspaceId id) const override;
  std::optional<Workspace> default_of(AccountId account) const override;

 private:
  struct Record {
    AccountId account;
    std::vector<Workspace> workspaces;
    std::uint64_t hash() const;
  };
  const Record* record(AccountId account) const;
  void put(const Workspace& workspace);
  void remove(const Workspace& workspace);
  void replace(AccountId account, std::vector<Workspace> workspaces);

  Table<Record> table_;
};

}  // namespace sallyport::messaging
