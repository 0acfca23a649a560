// What one set of permissions is beside another: whether everything that it permits is permitted by
// the other too, so that nobody gives more than they have; and which of its rules can never do
// anything. Decided from the rules alone and on the safe side: what cannot be shown to be within is
// beyond. Pure functions, any thread; for administration, not for requests.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "access/pattern.h"
#include "base/entities.h"

namespace sallyport::access {

// A route of an API, as far as rules can see it.
struct RouteShape {
  std::string api;
  std::string method;  // upper case
  Pattern pattern;
  std::string operation;
};

// Whether every request that `inner` matches is matched by `outer`.
bool covers(const Match& outer, const Match& inner, std::span<const RouteShape> routes);

// What `wanted` permits beyond `own`, for people ("messaging:messages.create"); nothing when all of
// it is within. `own` are the permissions of all roles that its owner has there.
std::optional<std::string> beyond(std::span<const Permission> wanted,
                                  std::span<const Permission> own,
                                  std::span<const RouteShape> routes);

// Why a rule of these never has an effect: given twice, denied as a whole beside, or no route of an
// API that has routes takes it. Nothing when each has one.
std::optional<std::string> without_effect(std::span<const Permission> permissions,
                                          std::span<const RouteShape> routes);

}  // namespace sallyport::access
