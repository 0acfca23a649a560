#include "gateway/user_filter.h"

#include <variant>

#include "base/net.h"
#include "gateway/request_context.h"

namespace sallyport::gateway {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;

// The one Authorization field, or why there is none to read.
Reason find_field(const http::Request& request, std::string_view& value) {
  std::size_t count = 0;
  for (const http::Field& field : request.fields) {
    if (field.name != "authorization") continue;
    value = field.value;
    ++count;
  }
  if (count == 0) return Reason::UserMissing;
  return count == 1 && !value.empty() ? Reason::Ok : Reason::CredentialMalformed;
}

}  // namespace

// Here stands every way to prove who the user is.
UserFilter::UserFilter(const auth::Directory& directory, auth::Verifier& verifier,
                       auth::FailureBudget& budget, auth::GuessBudget& guesses,
                       auth::FamiliarSources& sources, auth::SignatureChecks& signatures,
                       const Clock& clock)
    : sources_(sources),
      charges_(budget),
      bearer_(directory, signatures, charges_, clock),
      basic_(directory, verifier, charges_, guesses, sources, clock),
      certificate_(directory, clock),
      authenticators_{&bearer_, &basic_, &certificate_} {}

Answer UserFilter::on_request(RequestContext& context) const {
  std::string_view field;
  Reason problem = find_field(*context.request, field);
  if (problem == Reason::Ok || problem == Reason::UserMissing) {
    if (problem == Reason::Ok) problem = Reason::SchemeNotAccepted;
    for (const Authenticator* one : authenticators_) {
      if (!context.match.route->access.accepts(one->scheme())) continue;
      AuthResult result = one->authenticate(context, field);
      if (auto* wait = std::get_if<Wait>(&result)) return std::move(*wait);
      if (const auto* rejected = std::get_if<Rejected>(&result)) return refuse(context, *rejected);
      if (const auto* proven = std::get_if<Principal>(&result)) return admit(context, *proven);
    }
  }
  return refuse(context,
                charges_.spent(context) ? charges_.over_budget(context) : Rejected{problem});
}

// Charged also when that only just spends the budget: the reason stays what it is.
Answer UserFilter::refuse(RequestContext& context, const Rejected& rejected) const {
  if (!rejected.failure) {
    charges_.refund(context);
  } else if (rejected.reason != Reason::TooManyFailures) {
    (void)charges_.charge(context);
  }
  return Refusal{rejected.reason, rejected.retry_after_s};
}

Reason UserFilter::state_of(const auth::UserRecord& user, const IpAddress& client) {
  switch (user.status()) {
    case Status::Active: break;
    case Status::Pending: return Reason::UserPending;
    case Status::Blocked: return Reason::UserBlocked;
    case Status::Deleted: return Reason::UserDeleted;
    default: return Reason::UserInactive;
  }
  if (!auth::allows(user.allowed_networks(), client)) return Reason::UserNetwork;
  if (user.must_change()) return Reason::PasswordChangeRequired;
  return Reason::Ok;
}

Reason UserFilter::act_for(RequestContext& context, const auth::UserRecord& user) {
  context.account = user.account();
  const auth::AccountSlot* account = nullptr;
  if (context.grant != nullptr) {
    account = context.grant->account;
  } else if (context.key.key == nullptr) {
    account = context.api().account(user.account());
    if (account == nullptr) return Reason::AccountSuspended;
  } else {
    return Reason::Ok;  // the application's own, which its door has looked at
  }
  if (account->status.load(std::memory_order_acquire) != Status::Active) {
    return Reason::AccountSuspended;
  }
  context.workspace = context.workspace_in(*account);
  return Reason::Ok;
}

Answer UserFilter::admit(RequestContext& context, const Principal& principal) const {
  const auth::UserRecord& user = *principal.user;
  Reason state = state_of(user, context.request->client);
  if (state == Reason::PasswordChangeRequired &&
      context.match.route->answer == DoorAnswer::ChangePassword) {
    state = Reason::Ok;  // the one operation that is open
  }
  if (state == Reason::Ok) state = act_for(context, user);
  if (state == Reason::PasswordChangeRequired || state == Reason::AccountSuspended) {
    charges_.refund(context);
    return Refusal{state};  // the credential was right: no failure
  }
  if (state != Reason::Ok) return refuse(context, {state});
  charges_.refund(context);
  context.user = &user;
  context.user_id = user.id();
  if (principal.proof != auth::Proof{}) {
    const std::uint64_t source = source_network(context.request->client);
    const auto hour = static_cast<std::uint64_t>(context.request->arrival_us / kHourUs) + 1;
    if (user.mark(source + hour)) sources_.note(user.id(), source);
    context.familiar = principal.proof;
    context.familiar_key = context.key_id;
  }
  return Continue{};
}

}  // namespace sallyport::gateway
