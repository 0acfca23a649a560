#include "gateway/certificate_authenticator.h"

#include "gateway/request_context.h"

namespace sallyport::gateway {

// No guess either: whoever has the certificate's key was given it, so that a spent budget of
// failures does not matter.
AuthResult CertificateAuthenticator::authenticate(RequestContext& context,
                                                  std::string_view field) const {
  const http::Request& request = *context.request;
  if (!field.empty() || !request.client_verified) return NotApplicable{};
  // The handshake, or that of a session resumed since, may be long ago.
  if (clock_.unix_us() >= request.certificate_until_us) {
    return Rejected{Reason::CertificateExpired};
  }
  if (request.certificate_user.empty()) return Rejected{Reason::CertificateNameless};
  const auth::OpenedUser opened = find_user(directory_, context, request.certificate_user);
  if (opened.user == nullptr) return Rejected{Reason::UserUnknown};
  context.grant = opened.grant;
  return Principal{opened.user, {}};
}

}  // namespace sallyport::gateway
