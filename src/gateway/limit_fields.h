// The fields that tell a client how its limits stand: X-Plan-* as clients of Mashery-fronted APIs
// know them in the classic profile, RateLimit and RateLimit-Policy in the modern one
// (draft-ietf-httpapi-ratelimit-headers-10). Pure, on the connection's worker.
#pragma once

#include <span>

#include "config/config.h"
#include "http/response.h"
#include "limit/rule.h"

namespace sallyport::gateway {

void add_limit_fields(http::Head& head, config::Profile profile,
                      std::span<const limit::Standing> standings);

}  // namespace sallyport::gateway
