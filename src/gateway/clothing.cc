#include "gateway/clothing.h"

#include "base/encoding.h"
#include "gateway/accept.h"
#include "gateway/authenticator.h"
#include "gateway/limit_fields.h"
#include "gateway/refusal_text.h"

namespace sallyport::gateway {
namespace {

constexpr std::string_view kWrongPassword =
    "Your username and password combination was incorrect. "
    "Please check your authentication details and try again";

// The inside of a quoted-string (RFC 9110 5.6.4); what cannot stand in one is left out.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) continue;
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

bool sent_bearer(const Wearer& wearer) {
  const auto field =
      wearer.request == nullptr ? std::nullopt : wearer.request->field("authorization");
  return field && is_of_scheme(*field, "bearer");
}

// What the route takes. Clients that know nothing of tokens are not told of them.
void add_user_challenges(http::Head& head, const Wearer& wearer, const std::string& realm) {
  config::Access access;
  if (wearer.host != nullptr) access = wearer.host->api->settings.access;
  if (wearer.route != nullptr) access = wearer.route->access;
  const bool basic = access.accepts(config::Scheme::Basic);
  const bool token = sent_bearer(wearer);
  if (basic) head.add("WWW-Authenticate", "Basic realm=" + realm + ", charset=\"UTF-8\"");
  if (access.accepts(config::Scheme::Bearer) && (token || !basic)) {
    // RFC 6750 3: without a token there is no error to tell.
    head.add("WWW-Authenticate",
             "Bearer realm=" + realm + (token ? ", error=\"invalid_token\"" : ""));
  } else if (!basic && access.accepts(config::Scheme::Certificate)) {
    // RFC 9110 15.5.2 wants a challenge, and none is registered for this.
    head.add("WWW-Authenticate", "Certificate realm=" + realm);
  }
}

void add_challenge(http::Head& head, const Wearer& wearer, const RefusalText& text) {
  const config::Api* api = wearer.host == nullptr ? nullptr : &wearer.host->api->settings;
  const std::string realm = quoted(api == nullptr ? std::string_view("sallyport") : api->realm);
  if (text.door == Door::User) return add_user_challenges(head, wearer, realm);
  std::string challenge = "ApiKey realm=" + realm;
  if (api != nullptr && !api->key.headers.empty()) {
    challenge += ", header=" + quoted(api->key.headers.front());
  }
  head.add("WWW-Authenticate", challenge);
}

void add_retry_after(http::Head& head, const Refusal& refusal, int status) {
  if (refusal.retry_after_s > 0) {
    head.add("Retry-After", std::to_string(refusal.retry_after_s));
  } else if (status == 503) {
    head.add("Retry-After", "1");
  }
}

http::Response dress_application_classic(const Refusal& refusal, const RefusalText& text,
                                         const Wearer& wearer) {
  const bool compat_596 = refusal.reason == Reason::NoRoute && wearer.host != nullptr &&
                          wearer.host->api->settings.compat_596;
  http::Response response;
  response.head.set_status(compat_596 ? 596 : text.status);
  std::string code(text.code);
  std::string old_code = code;
  std::string detail(text.detail);
  std::string body(text.body.empty() ? http::reason_phrase(text.status) : text.body);
  if (compat_596) {
    old_code = code = "ERR_596_SERVICE_NOT_FOUND";
    body = "596 Service Not Found";
  }
  if (refusal.reason == Reason::OverQuota && refusal.period == QuotaPeriod::Day) {
    code = "ERR_403_DEVELOPER_OVER_QPD";  // the old field never learnt of it
    detail = "Account Over Queries Per Day Limit";
  }
  response.head.add("Content-Type", "text/xml");
  response.head.add("X-Error-Code", code);
  response.head.add("X-Error-Detail", detail);
  response.head.add("X-Mashery-Error-Code", old_code);
  response.head.add("X-Error-Detail-Header", detail);
  response.body = "<h1>" + body + "</h1>";
  return response;
}

http::Response dress_user_classic(const RefusalText& text, const Wearer& wearer) {
  const MediaChoice media =
      wearer.request == nullptr ? MediaChoice{} : choose_media(*wearer.request);
  const std::string_view summary = text.status == 401 ? kWrongPassword : std::string_view{};
  const std::string_view name = http::reason_phrase(text.status);
  http::Response response;
  response.head.set_status(text.status);
  response.head.add("Content-Type", media.type);
  std::string& body = response.body;
  if (media.json) {
    body = "{\"errorSummary\":\"";
    append_json_escaped(body, summary);
    body += "\",\"errorText\":\"";
    append_json_escaped(body, name);
    body += "\",\"errorDetail\":\"";
    append_json_escaped(body, text.detail);
    body += "\"}";
    return response;
  }
  body =
      "<ns3:error xmlns:ns2=\"http://schemas.api.whispir.com/dap\" "
      "xmlns:ns3=\"http://schemas.api.whispir.com\"><errorSummary>" +
      xml_escaped(summary) + "</errorSummary><errorText>" + xml_escaped(name) +
      "</errorText><errorDetail>" + xml_escaped(text.detail) + "</errorDetail></ns3:error>";
  return response;
}

http::Response dress_modern(const RefusalText& text, const Wearer& wearer) {
  const MediaChoice media =
      wearer.request == nullptr ? MediaChoice{} : choose_media(*wearer.request);
  const bool xml = media.asked && !media.json;
  const std::string type = wearer.host->public_url + "/" + std::string(kProblemsSegment) + "/" +
                           std::string(text.problem);
  const std::string status = std::to_string(text.modern_status);
  http::Response response;
  response.head.set_status(text.modern_status);
  std::string& body = response.body;
  const std::pair<std::string_view, std::string_view> members[] = {
      {"type", type},           {"title", problem_title(text.problem)},
      {"status", status},       {"detail", text.detail},
      {"reason", text.problem}, {"request_id", wearer.request_id}};
  body =
      xml ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?><problem xmlns=\"urn:ietf:rfc:7807\">" : "{";
  for (const auto& [name, value] : members) {
    if (xml) {
      body += "<" + std::string(name) + ">" + xml_escaped(value) + "</" + std::string(name) + ">";
      continue;
    }
    if (body.size() > 1) body += ",";
    body += "\"" + std::string(name) + "\":";
    if (name != "status") body += '"';
    append_json_escaped(body, value);
    if (name != "status") body += '"';
  }
  body += xml ? "</problem>" : "}";
  response.head.add("Content-Type", xml ? "application/problem+xml" : "application/problem+json");
  if (text.modern_status == 429)
    add_limit_fields(response.head, config::Profile::Modern, wearer.standings);
  return response;
}

// Each of these is found only on the record that the presented secret matched, or beneath it: of a
// key that nobody has there is nothing to disclose.
bool tells_key_state(Reason reason) {
  switch (reason) {
    case Reason::KeyWaiting:
    case Reason::KeyUnclaimed:
    case Reason::KeyDisabled:
    case Reason::KeyRevoked:
    case Reason::KeyNotYetValid:
    case Reason::KeyExpired:
    case Reason::KeyEnvironment:
    case Reason::KeyNetwork:
    case Reason::SubscriptionWaiting:
    case Reason::SubscriptionSuspended:
    case Reason::SubscriptionEnded:
    case Reason::ApplicationDisabled:
    case Reason::AccountSuspended:
    case Reason::PlanInactive:
    case Reason::NotOpenedByPlan: return true;
    default: return false;
  }
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

http::Response dress_password_rule(std::string_view rule, const Wearer& wearer) {
  const RefusalText text{Reason::EngineRefused, Door::User, 422, {}, {}, rule,
                         "password-refused",    422};
  const bool modern =
      wearer.host != nullptr && wearer.host->api->settings.profile == config::Profile::Modern;
  http::Response response = modern ? dress_modern(text, wearer) : dress_user_classic(text, wearer);
  response.reason = text.reason;
  add_security_fields(response.head);
  return response;
}

http::Response dress(const Refusal& refusal, const Wearer& wearer) {
  const RefusalText& text = text_of(refusal.reason);
  const bool modern =
      wearer.host != nullptr && wearer.host->api->settings.profile == config::Profile::Modern;
  http::Response response = modern ? dress_modern(text, wearer)
                            : text.door == Door::User
                                ? dress_user_classic(text, wearer)
                                : dress_application_classic(refusal, text, wearer);
  response.reason = refusal.reason;
  const int status = response.head.status();
  if (status == 401) add_challenge(response.head, wearer, text);
  if (status == 405) response.head.add("Allow", wearer.allow);
  if (wearer.host != nullptr && wearer.host->api->settings.disclose_key_state &&
      tells_key_state(refusal.reason)) {
    response.head.add("X-Error-Reason", to_string(refusal.reason));
  }
  add_retry_after(response.head, refusal, status);
  add_security_fields(response.head);
  return response;
}

void add_security_fields(http::Head& head) {
  if (!head.has("Cache-Control")) head.add("Cache-Control", "private, no-store");
  if (!head.has("Vary")) head.add("Vary", "Accept, Authorization, x-api-key");
  if (!head.has("X-Content-Type-Options")) head.add("X-Content-Type-Options", "nosniff");
  if (!head.has("Referrer-Policy")) head.add("Referrer-Policy", "no-referrer");
}

std::string problem_page(std::string_view problem) {
  const std::string_view title = problem_title(problem);
  if (title.empty()) return {};
  return "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>" + xml_escaped(title) +
         "</title><h1>" + xml_escaped(title) + "</h1></html>\n";
}

}  // namespace sallyport::gateway
