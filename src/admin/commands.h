// Carries out operators' commands on the entities: validates, writes the change with its event and
// audit row in one transaction, has it put in force, and only then answers. The same code runs in
// the server, behind the admin socket, and in the command line's own process when no server holds
// the store. One thread at a time. What cannot be written is refused, except that a key is revoked
// and a user is blocked all the same, in memory, and the answer says that it is not durable.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "admin/command.h"
#include "admin/model.h"
#include "auth/entity_store.h"

namespace sallyport::admin {

class Commands {
 public:
  // Puts a change in force for whoever reads the entities; done when it returns.
  using ChangeListener = std::function<void(const Change&)>;

  // `store` outlives it; it alone writes the store from now on.
  static Result<std::unique_ptr<Commands>> open(auth::EntityStore& store, CommandServices services);
  // `entities` are those of the store; keys and users are read when they are needed.
  Commands(auth::EntityStore& store, CommandServices services, const Entities& entities);
  Commands(const Commands&) = delete;
  Commands& operator=(const Commands&) = delete;

  void on_change(ChangeListener listener) { listeners_.push_back(std::move(listener)); }
  CommandReply execute(const CommandRequest& request);
  // Durable, and what commands tell from then on. What cannot be written is kept for the next time.
  void note_uses(std::vector<auth::KeyUse> uses);
  // What the server changes by itself, or for a user, in the name of `actor`.
  Result<void> make(const std::string& actor, const std::string& action, Change change);
  // From each thread that asks it things, about once a second.
  void end_idle_reads() { store_.end_idle_reads(); }
  const Model& model() const { return model_; }
  // The names of a configuration that has come in force.
  void know(std::vector<std::string> apis, std::vector<std::string> operations,
            std::vector<access::RouteShape> routes);

 private:
  Result<void> commit(const std::string& actor, const std::string& action, Change change);

  auth::EntityStore& store_;
  CommandServices services_;
  Model model_;
  std::vector<ChangeListener> listeners_;
  std::vector<auth::KeyUse> unwritten_uses_;
};

}  // namespace sallyport::admin
