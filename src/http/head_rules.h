// What a head means before a byte of the body is read: method, version, framing, expectation,
// keep-alive, one Host (RFC 9110 7.2, 8.6, 10.1.1; RFC 9112 6, 9.3). Whatever two readers could
// understand differently is refused. Pure, on the connection's worker.
#pragma once

#include "config/config.h"
#include "http/head_parser.h"
#include "http/request.h"

namespace sallyport::http {

// Completes `request` from the parsed head, the canonical target included.
HeadFault apply_head_rules(const ParsedHead& head, const config::Limits& limits, Request& request);

}  // namespace sallyport::http
