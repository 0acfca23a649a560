// PUT /auth/password: a user who has passed both doors sets a new password, as JSON
// {"password": "..."}. The one operation that is open while the password must be changed. 204 when
// the new one is stored and in force, and from then on nothing else is: proofs and tokens of the
// old one have ended. 422 with the rule when the policy refuses it. On the connection's worker.
#pragma once

#include <cstdint>
#include <string>

#include "auth/password_keeper.h"
#include "auth/verifier.h"
#include "base/loop.h"
#include "base/task.h"
#include "gateway/clothing.h"
#include "http/exchange.h"

namespace sallyport::gateway {

struct PasswordDesk {
  auth::Verifier* verifier = nullptr;
  auth::PasswordKeeper* keeper = nullptr;
  Loop* loop = nullptr;
};
struct PasswordOwner {
  UserId user;
  std::uint64_t security_version = 0;
  std::string username;
};

// What is pointed to outlives the task.
Task<http::Response> change_password(PasswordDesk desk, PasswordOwner owner, Wearer wearer,
                                     http::BodyReader* body);

}  // namespace sallyport::gateway
