// What users themselves bring about, carried into the store and in force like an operator's change:
// a new password, a password hashed anew after it was proven against an older kind of hash, where
// and when each has succeeded. Asked for from any thread, done on a thread of its own. Owned by the
// Server; what is asked before start() waits for it.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "admin/commands.h"
#include "auth/directory.h"
#include "auth/familiar_sources.h"
#include "auth/password_keeper.h"
#include "auth/verifier.h"
#include "base/clock.h"

namespace sallyport::server {

class UserUpkeep final : public auth::PasswordKeeper {
 public:
  UserUpkeep(const auth::Directory& directory, auth::FamiliarSources& sources,
             auth::FamiliarStore& store, const Clock& clock);
  ~UserUpkeep() override;  // stop()
  UserUpkeep(const UserUpkeep&) = delete;
  UserUpkeep& operator=(const UserUpkeep&) = delete;

  // `commands` is used under `mutex` only, as by whoever else uses it.
  void start(admin::Commands& commands, std::mutex& mutex);
  void stop();  // does what is asked for, keeps what was seen, then nothing more

  void keep(auth::NewUserPassword changed, Done done) override;
  void upgrade(auth::PasswordUpgrade upgrade);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sallyport::server
