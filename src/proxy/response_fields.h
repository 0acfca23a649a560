// The fields of an upstream's answer that a client gets to see, in wire form. Pure, on the
// request's worker.
#pragma once

#include <string>

#include "http/response_head.h"
#include "proxy/request_head.h"

namespace sallyport::proxy {

// Appends to `out`: what may pass of `head`, what the route sets, and the fields that every answer
// of the gateway has unless the upstream says otherwise.
void append_answer_fields(std::string& out, const ForwardRules& rules,
                          const http::ResponseHead& head);

}  // namespace sallyport::proxy
