// GET /whoami: who the doors found the caller to be, what limits it and what is left of that. Built
// from the context of a request that has passed them, before anything is suspended. Any worker.
#pragma once

#include "gateway/filter_chain.h"
#include "gateway/request_context.h"
#include "http/response.h"

namespace sallyport::gateway {

http::Response whoami(const RequestContext& context, const Doors& doors);

}  // namespace sallyport::gateway
