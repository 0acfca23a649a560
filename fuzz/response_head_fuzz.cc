// Any bytes as an upstream's answer: a head that passes has one framing and slices inside itself,
// and what a client would be told of it holds no line end that we did not write, and nothing by
// which it would take the upstream for the gateway.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/result.h"
#include "config/config.h"
#include "http/head_parser.h"
#include "http/response_head.h"
#include "proxy/response_fields.h"

namespace {

using namespace sallyport;

void check_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  SALLYPORT_CHECK(colon != std::string_view::npos && colon > 0);
  const std::string name = ascii_lower(line.substr(0, colon));
  for (const char* ours : {"x-error-", "x-mashery-", "x-sallyport-", "x-plan-", "ratelimit"}) {
    SALLYPORT_CHECK(!name.starts_with(ours));
  }
  for (const char* framing : {"content-length", "transfer-encoding", "connection", "trailer"}) {
    SALLYPORT_CHECK(name != framing);
  }
  for (const char c : line) SALLYPORT_CHECK(c != '\r' && c != '\n' && c != '\0');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  config::Limits limits;
  limits.target_bytes = limits.head_bytes;
  http::HeadScanner scanner(limits);
  http::HeadFault fault;
  if (!scanner.scan(text, fault)) return 0;
  const std::string_view head = text.substr(0, scanner.end());
  http::ResponseHead parsed;
  const http::Method asked = (size & 1) != 0 ? http::Method::Get : http::Method::Head;
  if (http::parse_response_head(head, asked, parsed) != nullptr) return 0;
  SALLYPORT_CHECK(parsed.status >= 100 && parsed.status <= 599);
  SALLYPORT_CHECK(asked != http::Method::Head || parsed.body == http::BodyKind::None);
  for (const http::Field& field : parsed.fields) {
    SALLYPORT_CHECK(field.name.data() >= head.data() &&
                    field.value.data() + field.value.size() <= head.data() + head.size());
  }
  const config::Api api;
  const config::Route route;
  std::string out;
  proxy::append_answer_fields(out, proxy::ForwardRules(api, route), parsed);
  std::string_view rest = out;
  while (!rest.empty()) {
    const std::size_t end = rest.find("\r\n");
    SALLYPORT_CHECK(end != std::string_view::npos);
    check_line(rest.substr(0, end));
    rest.remove_prefix(end + 2);
  }
  return 0;
}
