// Any bytes as a head: found in one piece or in many, it ends at the same place, and what passes
// the rules has one Host, one framing, and slices inside the head.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/head_rules.h"

namespace {

using namespace sallyport;
using namespace sallyport::http;

struct Found {
  bool complete = false;
  std::size_t begin = 0;
  std::size_t end = 0;
  Reason reason = Reason::Ok;
  bool operator==(const Found&) const = default;
};

// Scans as the bytes arrive, `step` at a time.
Found scan(const config::Limits& limits, std::string_view bytes, std::size_t step) {
  HeadScanner scanner(limits);
  HeadFault fault;
  Found found;
  std::size_t have = 0;
  do {
    have = std::min(bytes.size(), have + step);
    found.complete = scanner.scan(bytes.substr(0, have), fault);
  } while (!found.complete && fault.reason == Reason::Ok && have < bytes.size());
  found.reason = fault.reason;
  if (found.complete) {
    found.begin = scanner.begin();
    found.end = scanner.end();
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const config::Limits limits;
  std::string head(reinterpret_cast<const char*>(bytes), size);
  const Found found = scan(limits, head, head.size() + 1);
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, size / 2 + 1}) {
    SALLYPORT_CHECK(scan(limits, head, step) == found);
  }
  if (!found.complete) return 0;
  Request request;
  ParsedHead parsed;
  HeadFault fault = parse_head(head.data() + found.begin, found.end - found.begin, request, parsed);
  if (fault.reason != Reason::Ok) return 0;
  fault = apply_head_rules(parsed, limits, request);
  if (fault.reason != Reason::Ok) return 0;
  SALLYPORT_CHECK(request.count("host") == 1 && !request.host.empty());
  SALLYPORT_CHECK(request.count("content-length") + request.count("transfer-encoding") <= 1);
  for (const Field& field : request.fields) {
    SALLYPORT_CHECK(field.name.data() >= head.data() && !field.name.empty());
    SALLYPORT_CHECK(field.value.data() + field.value.size() <= head.data() + found.end);
    SALLYPORT_CHECK(field.value.find_first_of(std::string_view("\r\n\0", 3)) ==
                    std::string_view::npos);
  }
  return 0;
}
