// Where a user's new password goes: into the store, then in force on every worker, then `done`.
// Implemented by the server on its control thread, by tests in memory. Any thread calls it; `done`
// is called on a thread of the keeper's own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/id.h"
#include "base/result.h"

namespace sallyport::auth {

struct NewUserPassword {
  UserId user;
  std::uint64_t security_version = 0;  // of the record that was proven: Conflict when it has moved
  std::string verifier;
};

class PasswordKeeper {
 public:
  using Done = std::move_only_function<void(Result<void>)>;
  virtual ~PasswordKeeper() = default;
  // Ends every proof and token of the user and takes must_change away.
  virtual void keep(NewUserPassword changed, Done done) = 0;
};

}  // namespace sallyport::auth
