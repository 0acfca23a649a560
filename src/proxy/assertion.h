// The signed statement that an upstream can verify: who is calling, with what method and for which
// target (RFC 7519). Made for each request to an upstream that has an audience. The signer is the
// composition's; on the request's worker.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/caller.h"
#include "http/request.h"
#include "proxy/request_head.h"

namespace sallyport::proxy {

// Who signs. Any worker.
class AssertionSigner {
 public:
  virtual ~AssertionSigner() = default;
  virtual std::string_view issuer() const = 0;
  // The token over these claims, a JSON object; empty when there is no key to sign with.
  virtual std::string sign(std::string_view claims) const = 0;
};

// How long it is good: as long as a request may need to the upstream.
inline constexpr std::int64_t kAssertionLifetime_s = 60;

// `now_us` is wall clock. The target is hashed as the upstream sees it in the request line.
std::string assertion_claims(std::string_view issuer, std::string_view audience,
                             const ForwardRules& rules, const http::Request& request,
                             const Caller& caller, std::int64_t now_us);
// Signed; empty when the signer has no key.
std::string make_assertion(const AssertionSigner& signer, std::string_view audience,
                           const ForwardRules& rules, const http::Request& request,
                           const Caller& caller, std::int64_t now_us);

}  // namespace sallyport::proxy
