// Any bytes as a head: found in one piece or in two, it ends at the same place, and what passes the
// rules has one Host, one framing, and slices inside the head.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/head_rules.h"

namespace {

using namespace sallyport;
using namespace sallyport::http;

bool scan(const config::Limits& limits, std::string_view bytes, std::size_t split,
          std::size_t& end, Reason& reason) {
  HeadScanner scanner(limits);
  HeadFault fault;
  bool complete = scanner.scan(bytes.substr(0, split), fault);
  if (!complete && fault.reason == Reason::Ok) complete = scanner.scan(bytes, fault);
  end = scanner.end();
  reason = fault.reason;
  return complete;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const config::Limits limits;
  std::string head(reinterpret_cast<const char*>(bytes), size);
  HeadScanner scanner(limits);
  HeadFault fault;
  const bool complete = scanner.scan(head, fault);
  std::size_t end = 0;
  Reason reason = Reason::Ok;
  const bool in_two = scan(limits, head, size / 2, end, reason);
  SALLYPORT_CHECK(in_two == complete && (!complete || end == scanner.end()));
  if (!complete) return 0;
  Request request;
  ParsedHead parsed;
  fault = parse_head(head.data() + scanner.begin(), scanner.end() - scanner.begin(), request,
                     parsed);
  if (fault.reason != Reason::Ok) return 0;
  fault = apply_head_rules(parsed, limits, request);
  if (fault.reason != Reason::Ok) return 0;
  SALLYPORT_CHECK(request.count("host") == 1 && !request.host.empty());
  SALLYPORT_CHECK(request.count("content-length") + request.count("transfer-encoding") <= 1);
  for (const Field& field : request.fields) {
    SALLYPORT_CHECK(field.name.data() >= head.data() && !field.name.empty());
    SALLYPORT_CHECK(field.value.find_first_of(std::string_view("\r\n\0", 3)) ==
                    std::string_view::npos);
  }
  return 0;
}
