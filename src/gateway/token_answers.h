// What the doors answer about tokens: POST /auth issues one to a user who came with key and
// password, GET /auth/verify tells whose a token is, GET /.well-known/jwks.json shows the public
// keys that ours are signed with. Built from the context of a request that has passed the doors of
// its route, before anything is suspended. Any worker.
#pragma once

#include <chrono>

#include "base/clock.h"
#include "gateway/request_context.h"
#include "http/response.h"

namespace sallyport::gateway {

// One signature, about 50 us: whoever gets here has passed both doors and their thresholds.
http::Response issue_token(const RequestContext& context, const Clock& clock);
http::Response verify_token(const RequestContext& context);
http::Response publish_keys(const RequestContext& context, const Clock& clock);

}  // namespace sallyport::gateway
