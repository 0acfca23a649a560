#include "base/reason.h"

namespace sallyport {
namespace {

struct Row {
  Reason reason;
  std::string_view name;
  std::string_view text;
};

// In the order of the enumeration; reason_test checks that each is here once, at its place.
constexpr Row kRows[] = {
    {Reason::Ok, "ok", "answered"},
    {Reason::TlsRequired, "tls_required", "the request came over plain HTTP"},
    {Reason::TlsFailed, "tls_failed", "the TLS handshake failed"},
    {Reason::Misdirected, "misdirected", "no API is published under this host"},
    {Reason::NotCanonical, "not_canonical", "the target cannot be made canonical without guessing"},
    {Reason::MalformedHead, "malformed_head", "the head breaks the grammar of HTTP/1.1"},
    {Reason::BadFraming, "bad_framing", "the length of the body is stated wrongly or twice"},
    {Reason::HeadTooLarge, "head_too_large", "the head is over its size or number of fields"},
    {Reason::TargetTooLong, "target_too_long", "the target is over its size"},
    {Reason::BodyTooLarge, "body_too_large", "the body is over its size"},
    {Reason::MethodUnknown, "method_unknown", "the method is not one we know"},
    {Reason::VersionUnsupported, "version_unsupported", "the HTTP version is not supported"},
    {Reason::ExpectationUnknown, "expectation_unknown", "the expectation is not 100-continue"},
    {Reason::HeadTimeout, "head_timeout", "the head did not arrive in time"},
    {Reason::BodyTimeout, "body_timeout", "the body did not arrive in time"},
    {Reason::ClientGone, "client_gone", "the client went away before the answer"},
    {Reason::OriginRefused, "origin_refused", "a cross-site request that may change something"},
    {Reason::NoRoute, "no_route", "no route of the API matches the path"},
    {Reason::MethodNotAllowed, "method_not_allowed", "the route does not take this method"},
    {Reason::Maintenance, "maintenance", "the API is in scheduled maintenance"},
    {Reason::KeyMissing, "key_missing", "no API key was sent"},
    {Reason::KeyAmbiguous, "key_ambiguous", "two different API keys, or one given twice"},
    {Reason::KeyMalformed, "key_malformed", "the API key has our prefix and a wrong checksum"},
    {Reason::KeyUnknown, "key_unknown", "no such API key"},
    {Reason::KeyWaiting, "key_waiting", "the API key waits for review"},
    {Reason::KeyUnclaimed, "key_unclaimed", "the API key has not been claimed"},
    {Reason::KeyDisabled, "key_disabled", "the API key is disabled"},
    {Reason::KeyRevoked, "key_revoked", "the API key is revoked"},
    {Reason::KeyNotYetValid, "key_not_yet_valid", "the API key is not valid yet"},
    {Reason::KeyExpired, "key_expired", "the API key has expired"},
    {Reason::KeyEnvironment, "key_environment", "the API key is of another environment"},
    {Reason::KeyNetwork, "key_network", "the API key may not be used from this network"},
    {Reason::SubscriptionWaiting, "subscription_waiting", "the subscription waits for approval"},
    {Reason::SubscriptionSuspended, "subscription_suspended", "the subscription is suspended"},
    {Reason::SubscriptionEnded, "subscription_ended", "the subscription has ended or not begun"},
    {Reason::ApplicationDisabled, "application_disabled", "the application is disabled"},
    {Reason::AccountSuspended, "account_suspended", "the account is suspended"},
    {Reason::PlanInactive, "plan_inactive", "the plan is inactive"},
    {Reason::NotOpenedByPlan, "not_opened_by_plan", "the plan does not open this operation"},
    {Reason::OverRate, "over_rate", "the subscription is over its rate"},
    {Reason::OverQuota, "over_quota", "the subscription has used up its quota"},
    {Reason::ServiceOverRate, "service_over_rate", "the API is over its total rate"},
    {Reason::OverConcurrency, "over_concurrency",
     "the subscription has too many requests in flight"},
    {Reason::ServiceOverConcurrency, "service_over_concurrency",
     "the API has too many requests in flight"},
    {Reason::AccountOverRate, "account_over_rate", "the account is over its total rate"},
    {Reason::UserOverRate, "user_over_rate", "the user is over the API's rate for each user"},
    {Reason::SourceOverRate, "source_over_rate",
     "the source network is over the API's rate for each"},
    {Reason::Shed, "shed", "the server is overloaded, and the plan's priority is low"},
    {Reason::UserMissing, "user_missing", "no user credential was sent"},
    {Reason::CredentialMalformed, "credential_malformed", "the Authorization field is malformed"},
    {Reason::SchemeNotAccepted, "scheme_not_accepted",
     "the Authorization scheme is not accepted here"},
    {Reason::TokenMalformed, "token_malformed",
     "the token is no well-formed, signed token of ours or an issuer's"},
    {Reason::TokenIssuer, "token_issuer", "nobody whose tokens count here has issued the token"},
    {Reason::TokenKey, "token_key", "the token names a signing key that its issuer does not have"},
    {Reason::TokenAlgorithm, "token_algorithm",
     "the token's algorithm is not that of its signing key"},
    {Reason::TokenAudience, "token_audience", "the token is for somebody else"},
    {Reason::TokenExpired, "token_expired", "the token has expired or does not say when it does"},
    {Reason::TokenNotYetValid, "token_not_yet_valid", "the token is not valid yet"},
    {Reason::TokenSignature, "token_signature", "the token's signature is wrong"},
    {Reason::TokenApplication, "token_application",
     "the token was issued to another application or account"},
    {Reason::TokenEnded, "token_ended",
     "the token's user signed out or changed, or its API key is no more"},
    {Reason::UserUnknown, "user_unknown", "no such user in the accounts that the key opens"},
    {Reason::PasswordWrong, "password_wrong", "the password is wrong"},
    {Reason::UserPending, "user_pending", "the user has not been activated"},
    {Reason::UserInactive, "user_inactive", "the user is inactive"},
    {Reason::UserBlocked, "user_blocked", "the user is blocked"},
    {Reason::UserDeleted, "user_deleted", "the user is deleted"},
    {Reason::UserNetwork, "user_network", "the user may not come from this network"},
    {Reason::TooManyFailures, "too_many_failures", "too many refusals from this source"},
    {Reason::PasswordChangeRequired, "password_change_required", "the password must be changed"},
    {Reason::NoPermission, "no_permission", "no role permits this operation"},
    {Reason::EngineRefused, "engine_refused", "the engine refused the request (4xx)"},
    {Reason::EngineFailed, "engine_failed", "the engine failed (5xx)"},
    {Reason::StoreAway, "store_away", "the store could not be written or read"},
    {Reason::LogAway, "log_away", "the access log could not be written, and must be"},
    {Reason::HashPoolFull, "hash_pool_full", "too many credentials wait to be verified"},
    {Reason::IssuerAway, "issuer_away", "the public keys of the token's issuer cannot be had"},
    {Reason::Overloaded, "overloaded", "no room for another connection or request"},
    {Reason::ShuttingDown, "shutting_down", "the server is shutting down"},
    {Reason::InternalError, "internal_error", "a fault of ours"},
};
static_assert(std::size(kRows) == kReasonCount);

}  // namespace

std::string_view to_string(Reason reason) { return kRows[static_cast<std::size_t>(reason)].name; }
std::string_view describe(Reason reason) { return kRows[static_cast<std::size_t>(reason)].text; }

}  // namespace sallyport
