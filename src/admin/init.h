// `sallyport init`: makes a data directory, whole or not at all. With --demo it can be served at
// once, on loopback; without, its TLS certificate and its entities are still to come.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "auth/entity_store.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace sallyport::admin {

struct InitOptions {
  std::string directory;
  bool demo = false;
};

// Makes and opens the store file of the path.
using CreateStore =
    std::function<Result<std::unique_ptr<auth::EntityStore>>(const std::string& path, Secret key)>;

// Conflict: the directory is initialised already, or holds something else.
Result<void> init(const InitOptions& options, const CreateStore& create_store, const Clock& clock,
                  Random& random);

}  // namespace sallyport::admin
