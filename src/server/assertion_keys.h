// Signs assertions for upstreams with the key that signs our tokens. Its type says what it is, so
// that no assertion that an upstream has seen counts as a token at a door (RFC 8725 3.11). Owned by
// a generation; any worker.
#pragma once

#include <string>
#include <string_view>

#include "auth/token/issuer.h"
#include "base/clock.h"
#include "proxy/assertion.h"

namespace sallyport::server {

class AssertionKeys final : public proxy::AssertionSigner {
 public:
  AssertionKeys(const auth::TokenIssuer& own, const Clock& clock) : own_(own), clock_(clock) {}

  std::string_view issuer() const override { return own_.issuer(); }
  std::string sign(std::string_view claims) const override;

 private:
  const auth::TokenIssuer& own_;
  const Clock& clock_;
};

}  // namespace sallyport::server
