// Cross-origin rules of an API (the Fetch standard's CORS protocol). Preflights are answered before
// the doors; every other answer, refusals too, says whether a page of that origin may read it.
// Credentials mode is never allowed. Pure, on the request's worker.
#pragma once

#include <string_view>

#include "gateway/router.h"
#include "http/request.h"
#include "http/response.h"

namespace sallyport::gateway {

// OPTIONS with Origin and Access-Control-Request-Method, to an API that has such rules.
bool is_preflight(const config::Api& api, const http::Request& request);
// `allow` is of the path: "GET, HEAD, POST".
http::Response preflight_answer(const config::Api& api, const http::Request& request,
                                std::string_view allow);
// Nothing without an Origin that the API lists.
void add_cors_fields(http::Head& head, const config::Api& api, const http::Request& request);

}  // namespace sallyport::gateway
