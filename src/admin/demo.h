// The demo: entities with random secrets, and the files by which a newcomer tries the doors. The
// secrets in clear are only in DIR/demo.json and DIR/demo/ (0600); DIR/secrets keeps them sealed
// with the store key, so that both can be written anew at each start, when the port is known.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/entities.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace sallyport::admin {

struct DemoSecrets {
  Secret api_key;
  Secret inactive_api_key;
  std::string username;
  Secret password;
  std::string restricted_username;
  Secret restricted_password;
};

struct Demo {
  Change change;  // everything in one: account, plan, application, keys, roles, users, workspace
  DemoSecrets secrets;
};
// `api` is the configured API that the plan opens and the roles permit.
Demo make_demo(const std::string& api, const Clock& clock, Random& random);

Result<void> save_demo_secrets(const std::string& directory, const DemoSecrets& secrets,
                               Random& random);
bool has_demo(const std::string& directory);

// Once listening: DIR/demo/*.curl, then DIR/demo.json, each whole or not there. `url` has no slash
// at its end; `metrics_url` is "" when telemetry is off.
Result<void> write_demo_files(const std::string& directory, const std::string& url,
                              const std::string& metrics_url, const std::string& outbox,
                              const std::string& access_log);
// What to print: a line per thing to try, without a secret.
std::vector<std::string> demo_lines(const std::string& directory);

}  // namespace sallyport::admin
