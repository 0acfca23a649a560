#include "http/head_rules.h"

#include <charconv>
#include <string_view>

#include "base/encoding.h"
#include "http/canonical.h"

namespace sallyport::http {
namespace {

// Everything the rules need of the fields, from one pass.
struct Seen {
  std::string_view host, length, encoding, expect, request_id;
  int hosts = 0, lengths = 0, encodings = 0, expects = 0;
  bool close = false, keep_alive = false;
};

void note_connection(std::string_view value, Seen& seen) {
  while (!value.empty()) {
    const std::size_t comma = value.find(',');
    const std::string_view option = trim_ascii(value.substr(0, comma));
    if (equal_ascii_case(option, "close")) seen.close = true;
    if (equal_ascii_case(option, "keep-alive")) seen.keep_alive = true;
    if (comma == std::string_view::npos) break;
    value.remove_prefix(comma + 1);
  }
}

Seen look_through(const Request& request) {
  Seen seen;
  for (const Field& field : request.fields) {
    if (field.name == "host") {
      seen.host = field.value;
      ++seen.hosts;
    } else if (field.name == "content-length") {
      seen.length = field.value;
      ++seen.lengths;
    } else if (field.name == "transfer-encoding") {
      seen.encoding = field.value;
      ++seen.encodings;
    } else if (field.name == "expect") {
      seen.expect = field.value;
      ++seen.expects;
    } else if (field.name == "connection") {
      note_connection(field.value, seen);
    } else if (field.name == "x-request-id") {
      seen.request_id = field.value;
    }
  }
  return seen;
}

bool is_request_id(std::string_view text) {
  if (text.size() < 8 || text.size() > 64) return false;
  for (const char c : text) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '.' || c == '_' || c == '-';
    if (!fits) return false;
  }
  return true;
}

HeadFault bad_framing(const char* detail) { return {Reason::BadFraming, detail}; }

HeadFault decide_framing(const Seen& seen, Request& request) {
  if (seen.encodings > 0) {
    if (seen.lengths > 0) return bad_framing("framing: Content-Length with Transfer-Encoding");
    if (request.http10) return bad_framing("framing: Transfer-Encoding in HTTP/1.0");
    if (seen.encodings > 1) return bad_framing("framing: Transfer-Encoding given twice");
    if (!equal_ascii_case(seen.encoding, "chunked")) {
      return bad_framing("framing: Transfer-Encoding is not chunked");
    }
    request.framing = Framing::Chunked;
    return {};
  }
  if (seen.lengths == 0) return {};
  if (seen.lengths > 1) return bad_framing("framing: Content-Length given twice");
  if (seen.length.empty() || seen.length.size() > 18) {
    return bad_framing("framing: Content-Length is not a length");
  }
  for (const char c : seen.length) {
    if (c < '0' || c > '9') return bad_framing("framing: Content-Length is not a length");
  }
  std::from_chars(seen.length.data(), seen.length.data() + seen.length.size(),
                  request.content_length);
  request.framing = request.content_length == 0 ? Framing::None : Framing::Length;
  return {};
}

}  // namespace

HeadFault apply_head_rules(const ParsedHead& head, const config::Limits& limits, Request& request) {
  request.http10 = head.version[7] == '0';
  // At once: whoever refuses below must know that a HEAD has no body in its answer.
  const auto method = parse_method(head.method);
  if (method) request.method = *method;
  if (head.target.size() > limits.target_bytes) {
    return {Reason::TargetTooLong, "target: over limits.target_bytes"};
  }
  const Seen seen = look_through(request);
  // Host first, so that the refusals below can be told apart by API in the log.
  if (seen.hosts != 1) {
    return {Reason::MalformedHead, seen.hosts == 0 ? "host: missing" : "host: given twice"};
  }
  if (const char* fault = canonical_host(request, seen.host)) {
    return {Reason::MalformedHead, fault};
  }
  if (const HeadFault fault = decide_framing(seen, request); fault.reason != Reason::Ok) {
    return fault;
  }
  if (!method) return {Reason::MethodUnknown, "method: unknown"};
  if (*method == Method::Trace || *method == Method::Connect) {
    return {Reason::MethodNotAllowed, "method: TRACE and CONNECT are not served"};
  }
  if (seen.expects > 0) {
    if (seen.expects > 1 || !equal_ascii_case(seen.expect, "100-continue")) {
      return {Reason::ExpectationUnknown, "expect: not 100-continue"};
    }
    request.expect_continue = !request.http10 && request.framing != Framing::None;
  }
  request.keep_alive = request.http10 ? seen.keep_alive && !seen.close : !seen.close;
  if (is_request_id(seen.request_id)) request.client_request_id = seen.request_id;
  if (const char* fault = canonical_target(request, head.target, seen.host)) {
    return {Reason::NotCanonical, fault};
  }
  return {};
}

}  // namespace sallyport::http
