#include "gateway/refusal_text.h"

#include <algorithm>
#include <iterator>

namespace sallyport::gateway {
namespace {

// The rows of the contract's table.
constexpr RefusalText inactive(Reason reason, int modern, std::string_view problem) {
  return {reason,
          Door::Application,
          403,
          "Developer Inactive",
          "ERR_403_DEVELOPER_INACTIVE",
          "Account Inactive",
          problem,
          modern};
}
constexpr RefusalText key_unknown(Reason reason) { return inactive(reason, 401, "key-required"); }
constexpr RefusalText inactive(Reason reason) { return inactive(reason, 403, "inactive"); }
constexpr RefusalText bad_request(Reason reason) {
  return {reason, Door::Application, 400, {}, "ERR_400_BAD_REQUEST", {}, "bad-request", 400};
}
constexpr RefusalText plain(Reason reason, int status, std::string_view code,
                            std::string_view problem) {
  return {reason, Door::Application, status, {}, code, {}, problem, status};
}
constexpr RefusalText unavailable(Reason reason, std::string_view detail = {}) {
  return {reason, Door::Application, 503, {}, "ERR_503_SERVICE_UNAVAILABLE",
          detail, "unavailable",     503};
}
constexpr RefusalText over_rate(Reason reason) {
  return {reason,
          Door::Application,
          403,
          "Developer Over Qps",
          "ERR_403_DEVELOPER_OVER_QPS",
          "Account Over Queries Per Second Limit",
          "over-rate",
          429};
}
constexpr RefusalText unauthorized(Reason reason) {
  return {reason, Door::User, 401, {}, {}, {}, "unauthorized", 401};
}
constexpr RefusalText failed(Reason reason) {
  return plain(reason, 500, "ERR_500_INTERNAL_SERVER_ERROR", "internal");
}

constexpr RefusalText bad_gateway(Reason reason) {
  return plain(reason, 502, "ERR_502_BAD_GATEWAY", "bad-gateway");
}

// In the order of the enumeration.
constexpr RefusalText kTexts[] = {
    failed(Reason::Ok),  // no refusal: whoever asks for its clothes is at fault
    {Reason::TlsRequired, Door::Application, 403, "Service Requires SSL",
     "ERR_403_SERVICE_REQUIRES_SSL", "Service Requires SSL", "tls-required", 403},
    bad_request(Reason::TlsFailed),
    plain(Reason::Misdirected, 421, "ERR_421_MISDIRECTED", "misdirected"),
    bad_request(Reason::NotCanonical),
    bad_request(Reason::MalformedHead),
    bad_request(Reason::BadFraming),
    plain(Reason::HeadTooLarge, 431, "ERR_431_REQUEST_HEADER_FIELDS_TOO_LARGE", "head-too-large"),
    plain(Reason::TargetTooLong, 414, "ERR_414_URI_TOO_LONG", "target-too-long"),
    plain(Reason::BodyTooLarge, 413, "ERR_413_CONTENT_TOO_LARGE", "body-too-large"),
    plain(Reason::MethodUnknown, 501, "ERR_501_NOT_IMPLEMENTED", "method-unknown"),
    plain(Reason::VersionUnsupported, 505, "ERR_505_HTTP_VERSION_NOT_SUPPORTED",
          "version-unsupported"),
    plain(Reason::ExpectationUnknown, 417, "ERR_417_EXPECTATION_FAILED", "expectation-unknown"),
    plain(Reason::HeadTimeout, 408, "ERR_408_REQUEST_TIMEOUT", "timeout"),
    plain(Reason::BodyTimeout, 408, "ERR_408_REQUEST_TIMEOUT", "timeout"),
    bad_request(Reason::ClientGone),
    {Reason::OriginRefused, Door::Application, 403, "Forbidden", "ERR_403_ORIGIN",
     "Origin Not Allowed", "origin", 403},
    plain(Reason::NoRoute, 404, "ERR_404_NOT_FOUND", "not-found"),
    plain(Reason::MethodNotAllowed, 405, "ERR_405_METHOD", "method-not-allowed"),
    unavailable(Reason::Maintenance, "Scheduled Maintenance"),
    key_unknown(Reason::KeyMissing),
    bad_request(Reason::KeyAmbiguous),
    key_unknown(Reason::KeyMalformed),
    key_unknown(Reason::KeyUnknown),
    inactive(Reason::KeyWaiting),
    inactive(Reason::KeyUnclaimed),
    inactive(Reason::KeyDisabled),
    inactive(Reason::KeyRevoked),
    inactive(Reason::KeyNotYetValid),
    inactive(Reason::KeyExpired),
    inactive(Reason::KeyEnvironment),
    inactive(Reason::KeyNetwork),
    inactive(Reason::SubscriptionWaiting),
    inactive(Reason::SubscriptionSuspended),
    inactive(Reason::SubscriptionEnded),
    inactive(Reason::ApplicationDisabled),
    inactive(Reason::AccountSuspended),
    inactive(Reason::PlanInactive),
    {Reason::NotOpenedByPlan, Door::Application, 403, "Not Authorized", "ERR_403_NOT_AUTHORIZED",
     "Not Authorized", "not-authorized", 403},
    over_rate(Reason::OverRate),
    {Reason::OverQuota, Door::Application, 403, "Developer Over Rate",
     "ERR_403_DEVELOPER_OVER_RATE", "Account Over Rate Limit", "over-quota", 429},
    {Reason::ServiceOverRate, Door::Application, 403, "Service Over Qps",
     "ERR_403_SERVICE_OVER_QPS", "Rate Limit Exceeded", "service-over-rate", 429},
    {Reason::OverConcurrency, Door::Application, 403, "Developer Over Qps",
     "ERR_403_DEVELOPER_OVER_QPS", "Account Over Queries Per Second Limit", "over-concurrency",
     429},
    {Reason::ServiceOverConcurrency, Door::Application, 403, "Service Over Qps",
     "ERR_403_SERVICE_OVER_QPS", "Rate Limit Exceeded", "service-over-rate", 429},
    over_rate(Reason::AccountOverRate),
    over_rate(Reason::UserOverRate),
    over_rate(Reason::SourceOverRate),
    unavailable(Reason::Shed),
    unauthorized(Reason::UserMissing),
    unauthorized(Reason::CredentialMalformed),
    unauthorized(Reason::SchemeNotAccepted),
    unauthorized(Reason::TokenMalformed),
    unauthorized(Reason::TokenIssuer),
    unauthorized(Reason::TokenKey),
    unauthorized(Reason::TokenAlgorithm),
    unauthorized(Reason::TokenAudience),
    unauthorized(Reason::TokenExpired),
    unauthorized(Reason::TokenNotYetValid),
    unauthorized(Reason::TokenSignature),
    unauthorized(Reason::TokenApplication),
    unauthorized(Reason::TokenEnded),
    unauthorized(Reason::CertificateNameless),
    unauthorized(Reason::CertificateExpired),
    unauthorized(Reason::UserUnknown),
    unauthorized(Reason::PasswordWrong),
    unauthorized(Reason::UserPending),
    unauthorized(Reason::UserInactive),
    unauthorized(Reason::UserBlocked),
    unauthorized(Reason::UserDeleted),
    unauthorized(Reason::UserNetwork),
    unauthorized(Reason::TooManyFailures),
    {Reason::PasswordChangeRequired,
     Door::User,
     403,
     {},
     {},
     "Password change required",
     "password-change-required",
     403},
    {Reason::NoPermission, Door::User, 403, {}, {}, {}, "forbidden", 403},
    bad_request(Reason::EngineRefused),
    failed(Reason::EngineFailed),
    bad_request(Reason::UpstreamClientError),
    failed(Reason::UpstreamServerError),
    bad_gateway(Reason::UpstreamRefused),
    bad_gateway(Reason::UpstreamTls),
    bad_gateway(Reason::UpstreamReset),
    bad_gateway(Reason::UpstreamUnparsable),
    plain(Reason::UpstreamTooSlow, 504, "ERR_504_GATEWAY_TIMEOUT", "gateway-timeout"),
    bad_gateway(Reason::UpstreamCut),
    unavailable(Reason::UpstreamEjected),
    unavailable(Reason::UpstreamBusy),
    unavailable(Reason::StoreAway),
    unavailable(Reason::LogAway),
    unavailable(Reason::HashPoolFull),
    unavailable(Reason::IssuerAway),
    unavailable(Reason::Overloaded),
    unavailable(Reason::ShuttingDown),
    failed(Reason::InternalError),
};
static_assert(std::size(kTexts) == kReasonCount);
static_assert([] {
  for (std::size_t i = 0; i < std::size(kTexts); ++i) {
    if (kTexts[i].reason != static_cast<Reason>(i)) return false;
  }
  return true;
}());

struct Title {
  std::string_view problem;
  std::string_view text;
};
constexpr Title kTitles[] = {
    {"bad-gateway", "What is behind the gateway did not answer rightly"},
    {"bad-request", "The request is malformed"},
    {"body-too-large", "The body is too large"},
    {"expectation-unknown", "The expectation is not supported"},
    {"forbidden", "The user may not do this"},
    {"gateway-timeout", "What is behind the gateway did not answer in time"},
    {"head-too-large", "The head is too large"},
    {"inactive", "The API key is not active"},
    {"internal", "A fault of ours"},
    {"key-required", "A valid API key is required"},
    {"method-not-allowed", "The resource does not take this method"},
    {"method-unknown", "The method is not supported"},
    {"misdirected", "No API is published under this host"},
    {"not-authorized", "The plan does not open this"},
    {"not-found", "No such resource"},
    {"origin", "A cross-site request is not allowed here"},
    {"over-concurrency", "Too many requests at the same time"},
    {"over-quota", "The quota is used up"},
    {"over-rate", "Too many requests"},
    {"password-change-required", "The password must be changed first"},
    {"password-refused", "The new password is not accepted"},
    {"service-over-rate", "The service is over its total rate"},
    {"target-too-long", "The target is too long"},
    {"timeout", "The request took too long"},
    {"tls-required", "TLS is required"},
    {"unauthorized", "User name and password were not accepted"},
    {"unavailable", "The service is not available now"},
    {"version-unsupported", "The HTTP version is not supported"},
};

}  // namespace

const RefusalText& text_of(Reason reason) { return kTexts[static_cast<std::size_t>(reason)]; }

std::string_view problem_title(std::string_view problem) {
  const auto found = std::ranges::find(kTitles, problem, &Title::problem);
  return found == std::end(kTitles) ? std::string_view{} : found->text;
}

}  // namespace sallyport::gateway
