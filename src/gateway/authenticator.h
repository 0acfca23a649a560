// One way to prove who the user is. The user's door asks those that the route accepts, in the order
// of the one list in user_filter.cc; the first that finds a credential of its kind decides. Like a
// filter it is a plain call that may run again after a Wait. Any worker.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "auth/directory.h"
#include "auth/records.h"
#include "base/reason.h"
#include "config/config.h"
#include "gateway/filter.h"

namespace sallyport::gateway {

struct NotApplicable {};  // the credential is of another kind

struct Rejected {
  Reason reason = Reason::InternalError;
  std::int64_t retry_after_s = 0;
  bool failure = true;  // charged to the failure budget; not so when the fault is ours
};

// Proven, but not let in yet: status and networks are asked for whoever it is.
struct Principal {
  const auth::UserRecord* user = nullptr;
  auth::Proof proof;  // of a password; none of a token
};

using AuthResult = std::variant<NotApplicable, Rejected, Principal, Wait>;

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  virtual config::Scheme scheme() const = 0;
  // `field` is the value of the one Authorization field; empty when there is none.
  virtual AuthResult authenticate(RequestContext& context, std::string_view field) const = 0;
};

// RFC 9110 11.4: whether the credential is of this scheme, in any case.
bool is_of_scheme(std::string_view field, std::string_view scheme);

// The user of that name in the accounts that the key opens; without a key, in those that the API
// names.
auth::OpenedUser find_user(const auth::Directory& directory, const RequestContext& context,
                           std::string_view folded);

}  // namespace sallyport::gateway
