#include "proxy/assertion.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/encoding.h"

namespace sallyport::proxy {
namespace {

void append_name(std::string& out, std::string_view name) {
  out += out.size() > 1 ? ",\"" : "\"";
  out += name;
  out += "\":";
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
  append_name(out, name);
  out += '"';
  append_json_escaped(out, value);
  out += '"';
}

// The caller's list as RFC 8941 and RFC 9651 write it, as an array: the escapes of a string are
// those of JSON too, a display string is percent-encoded.
void append_roles(std::string& out, std::string_view list) {
  append_name(out, "roles");
  out += '[';
  for (bool first = true; !list.empty(); first = false) {
    const bool display = list.front() == '%';
    std::size_t end = display ? 2 : 1;
    while (end < list.size() && list[end] != '"') end += !display && list[end] == '\\' ? 2 : 1;
    const std::string_view text = list.substr(display ? 2 : 1, end - (display ? 2 : 1));
    out += first ? "\"" : ",\"";
    if (display) {
      append_json_escaped(out, percent_decode(text).value_or(std::string(text)));
    } else {
      out += text;
    }
    out += '"';
    const std::size_t next = list.find_first_not_of(", ", end + 1);
    list.remove_prefix(std::min(next, list.size()));
  }
  out += ']';
}

}  // namespace

std::string assertion_claims(std::string_view issuer, std::string_view audience,
                             const ForwardRules& rules, const http::Request& request,
                             const Caller& caller, std::int64_t now_us) {
  const std::int64_t now_s = now_us / 1'000'000;
  std::string out = "{";
  append_text(out, "iss", issuer);
  append_text(out, "aud", audience);
  append_text(out, "jti", request.request_id);
  append_name(out, "iat");
  out += std::to_string(now_s);
  append_name(out, "exp");
  out += std::to_string(now_s + kAssertionLifetime_s);
  if (caller.user) append_text(out, "sub", caller.user.hex());
  if (caller.account) append_text(out, "account", caller.account.hex());
  if (caller.application) append_text(out, "application", caller.application.hex());
  append_text(out, "environment", to_string(caller.environment));
  append_roles(out, caller.roles);
  append_text(out, "method", http::to_string(request.method));
  std::string target;
  append_target(target, rules, request);
  const Digest digest = sha256(target);
  append_text(out, "target_hash",
              base64url_encode({reinterpret_cast<const char*>(digest.data()), digest.size()}));
  return out + "}";
}

std::string make_assertion(const AssertionSigner& signer, std::string_view audience,
                           const ForwardRules& rules, const http::Request& request,
                           const Caller& caller, std::int64_t now_us) {
  return signer.sign(assertion_claims(signer.issuer(), audience, rules, request, caller, now_us));
}

}  // namespace sallyport::proxy
