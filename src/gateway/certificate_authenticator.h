// The client's certificate at the user's door: the connection has verified it in the handshake, and
// here the user it names is looked up. Not asked when there is an Authorization field: what a
// request says for itself goes before what its connection was made with. Any worker.
#pragma once

#include "auth/directory.h"
#include "base/clock.h"
#include "gateway/authenticator.h"

namespace sallyport::gateway {

class CertificateAuthenticator final : public Authenticator {
 public:
  CertificateAuthenticator(const auth::Directory& directory, const Clock& clock)
      : directory_(directory), clock_(clock) {}

  config::Scheme scheme() const override { return config::Scheme::Certificate; }
  AuthResult authenticate(RequestContext& context, std::string_view field) const override;

 private:
  const auth::Directory& directory_;
  const Clock& clock_;
};

}  // namespace sallyport::gateway
