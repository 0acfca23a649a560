// Why a request was refused, or how it ended: one enumeration for the access log, the metrics,
// `explain` and the documentation. What a client sees of it is decided in gateway/clothing.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace sallyport {

enum class Reason : std::uint8_t {
  Ok,
  // transport and protocol
  TlsRequired,
  TlsFailed,
  Misdirected,
  NotCanonical,
  MalformedHead,
  BadFraming,
  HeadTooLarge,
  TargetTooLong,
  BodyTooLarge,
  MethodUnknown,
  VersionUnsupported,
  ExpectationUnknown,
  HeadTimeout,
  BodyTimeout,
  ClientGone,
  OriginRefused,
  NoRoute,
  MethodNotAllowed,
  Maintenance,
  // the application's door
  KeyMissing,
  KeyAmbiguous,
  KeyMalformed,
  KeyUnknown,
  KeyWaiting,
  KeyUnclaimed,
  KeyDisabled,
  KeyRevoked,
  KeyNotYetValid,
  KeyExpired,
  KeyEnvironment,
  KeyNetwork,
  SubscriptionWaiting,
  SubscriptionSuspended,
  SubscriptionEnded,
  ApplicationDisabled,
  AccountSuspended,
  PlanInactive,
  NotOpenedByPlan,
  OverRate,
  OverQuota,
  ServiceOverRate,
  OverConcurrency,
  ServiceOverConcurrency,
  AccountOverRate,
  UserOverRate,
  SourceOverRate,
  Shed,
  // the user's door
  UserMissing,
  CredentialMalformed,
  SchemeNotAccepted,
  TokenMalformed,
  TokenIssuer,
  TokenKey,
  TokenAlgorithm,
  TokenAudience,
  TokenExpired,
  TokenNotYetValid,
  TokenSignature,
  TokenApplication,
  TokenEnded,
  CertificateNameless,
  CertificateExpired,
  UserUnknown,
  PasswordWrong,
  UserPending,
  UserInactive,
  UserBlocked,
  UserDeleted,
  UserNetwork,
  TooManyFailures,
  PasswordChangeRequired,
  NoPermission,
  // behind the doors, or our own failure
  EngineRefused,        // the engine answered 4xx
  EngineFailed,         // the engine answered 5xx
  UpstreamClientError,  // the upstream answered 4xx
  UpstreamServerError,  // the upstream answered 5xx
  UpstreamRefused,
  UpstreamTls,
  UpstreamReset,
  UpstreamUnparsable,
  UpstreamTooSlow,
  UpstreamCut,
  UpstreamEjected,
  UpstreamBusy,
  StoreAway,
  LogAway,
  HashPoolFull,
  IssuerAway,  // an outside issuer whose keys could not be had
  Overloaded,
  ShuttingDown,
  InternalError,
  kCount,
};

inline constexpr std::size_t kReasonCount = static_cast<std::size_t>(Reason::kCount);

std::string_view to_string(Reason reason);  // "key_unknown"
std::string_view describe(Reason reason);   // one sentence for people

}  // namespace sallyport
