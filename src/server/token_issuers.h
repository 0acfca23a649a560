// Everybody whose tokens count: ourselves, with the signing keys in DIR/secrets, and the outside
// issuers of the configuration, with a thread that keeps their keys fresh. Owned by the server;
// used on the control thread, read by workers.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "auth/directory.h"
#include "auth/token/issuer.h"
#include "auth/token/jwks_reader.h"
#include "auth/token/signing_keys.h"
#include "base/clock.h"
#include "base/random.h"
#include "config/config.h"

namespace sallyport::server {

class TokenIssuers {
 public:
  TokenIssuers(const config::Config& config, const Clock& clock, Reclaimer& reclaimer);

  // Makes the first signing key when there is none. Refused, with the reason: signing keys that
  // cannot be read, an account that is not there, an issuer's file without a good set of keys.
  Result<void> open(const auth::Directory& directory, const std::vector<Account>& accounts);
  void start() { reader_.start(); }
  void stop() { reader_.stop(); }
  // In force on every worker when it returns.
  void apply(const auth::SigningKeys& keys) { own_.replace(keys.key_set(), 0); }

  const auth::TokenIssuer& own() const { return own_; }
  config::milliseconds lifetime() const { return config_.tokens.lifetime; }
  std::vector<const auth::TokenIssuer*> outside(const std::vector<std::string>& names) const;
  std::uint64_t failures() const { return reader_.failures(); }

 private:
  Result<void> open_own();

  const config::Config& config_;
  const Clock& clock_;
  Reclaimer& reclaimer_;
  SystemRandom random_;
  auth::TokenIssuer own_;
  std::vector<std::unique_ptr<auth::TokenIssuer>> outside_;
  auth::JwksReader reader_;  // last: its thread uses the rest
};

}  // namespace sallyport::server
