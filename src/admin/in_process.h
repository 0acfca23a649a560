// Commands without a server: under the store's lock, in the command line's own process.
// What knows the store comes from main, because admin may not.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "admin/command.h"
#include "auth/entity_store.h"
#include "limit/quota_store.h"
#include "limit/usage.h"
#include "messaging/operator_store.h"

namespace sallyport::admin {

// The store of a directory and its lock, held until it goes.
class LockedStore {
 public:
  virtual ~LockedStore() = default;
  virtual auth::EntityStore& entities() = 0;
  virtual limit::QuotaStore& quotas() = 0;
  virtual limit::UsageStore& usage() = 0;
  virtual messaging::OperatorStore* messages() { return nullptr; }
};
// Conflict: another process holds the lock.
using OpenStore = std::function<Result<std::unique_ptr<LockedStore>>(const std::string& directory,
                                                                     Secret audit_key)>;

// Holds the lock for as long as it lives. One thread.
class InProcess {
 public:
  static Result<std::unique_ptr<InProcess>> open(const std::string& directory,
                                                 const OpenStore& open_store);
  ~InProcess();
  CommandReply execute(CommandRequest request);

  struct State;
  explicit InProcess(std::unique_ptr<State> state);  // for open(): nobody else has a State

 private:
  std::unique_ptr<State> state_;
};

CommandReply run_in_process(const std::string& directory, CommandRequest request,
                            const OpenStore& open_store);

}  // namespace sallyport::admin
