#include "proxy/response_fields.h"

#include "base/encoding.h"

namespace sallyport::proxy {
namespace {

constexpr std::string_view kCorsPrefix = "access-control-";

bool is_cors(std::string_view name) {
  return name.size() > kCorsPrefix.size() &&
         equal_ascii_case(name.substr(0, kCorsPrefix.size()), kCorsPrefix);
}

bool is_named_by_connection(const http::ResponseHead& head, std::string_view name) {
  for (const http::Field& field : head.fields) {
    if (equal_ascii_case(field.name, "connection") && names_field(field.value, name)) return true;
  }
  return false;
}

}  // namespace

void append_answer_fields(std::string& out, const ForwardRules& rules,
                          const http::ResponseHead& head) {
  bool caching = false, sniffing = false, referring = false;
  for (const http::Field& field : head.fields) {
    const std::string_view name = field.name;
    if (is_dropped_from_response(name) || rules.dropped_answers.contains(name)) continue;
    if (rules.own_cors && is_cors(name)) continue;
    if (head.has_connection && is_named_by_connection(head, name)) continue;
    caching = caching || equal_ascii_case(name, "cache-control");
    sniffing = sniffing || equal_ascii_case(name, "x-content-type-options");
    referring = referring || equal_ascii_case(name, "referrer-policy");
    out += name;
    out += ": ";
    out += field.value;
    out += "\r\n";
  }
  out += rules.set_answers;
  if (!caching && !rules.dropped_answers.contains("cache-control")) {
    out += "Cache-Control: private, no-store\r\n";
  }
  // Beside the upstream's: what the doors looked at makes a difference in any case.
  out += "Vary: Accept, Authorization, x-api-key\r\n";
  if (!sniffing && !rules.dropped_answers.contains("x-content-type-options")) {
    out += "X-Content-Type-Options: nosniff\r\n";
  }
  if (!referring && !rules.dropped_answers.contains("referrer-policy")) {
    out += "Referrer-Policy: no-referrer\r\n";
  }
}

}  // namespace sallyport::proxy
