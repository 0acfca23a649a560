#include "server/assertion_keys.h"

#include "auth/token/jws.h"

namespace sallyport::server {
namespace {

constexpr std::string_view kType = "sallyport-assertion+jwt";

}  // namespace

std::string AssertionKeys::sign(std::string_view claims) const {
  const auth::KeySet* keys = own_.keys(clock_.unix_us());
  if (keys == nullptr || keys->signer == nullptr) return {};
  return auth::write_token(claims, *keys->signer, kType);
}

}  // namespace sallyport::server
