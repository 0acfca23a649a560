// The head of an upstream's answer, tokenised in place and judged before a byte of its body is
// believed: status, framing, keep-alive (RFC 9112 4, 6, 9.3). As strict as for requests: what two
// readers could understand differently is refused. Pure, on the connection's worker.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "http/request.h"

namespace sallyport::http {

enum class BodyKind : std::uint8_t { None, Length, Chunked, UntilClose };

struct ResponseHead {
  int status = 0;
  bool http10 = false;
  bool keep_alive = false;  // another request may follow on the connection
  BodyKind body = BodyKind::None;
  std::uint64_t length = 0;     // of the body, also of one that HEAD does not send
  bool has_length = false;      // Content-Length was there
  std::vector<Field> fields;    // names as written
  bool has_connection = false;  // some of them may be of the connection only

  void clear();  // keeps the capacity
};

// `head` is whole, with its empty line; `asked` is the request's method. nullptr, or what is wrong:
// a short fixed text.
const char* parse_response_head(std::string_view head, Method asked, ResponseHead& out);

}  // namespace sallyport::http
