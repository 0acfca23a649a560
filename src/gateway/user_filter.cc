#include "gateway/user_filter.h"

#include <utility>

#include "base/net.h"
#include "gateway/request_context.h"

namespace sallyport::gateway {
namespace {

using auth::Verdict;

// Longer than a full queue of default size takes; what is later is refused with 503.
constexpr std::int64_t kHashDeadlineUs = 10'000'000;
constexpr std::int64_t kPoolRetry_s = 1;

std::uint64_t source_of(const RequestContext& context) {
  return source_network(context.request->client);
}

// The one Authorization field, or why there is none to read.
Reason find_field(const http::Request& request, std::string_view& value) {
  std::size_t count = 0;
  for (const http::Field& field : request.fields) {
    if (field.name != "authorization") continue;
    value = field.value;
    ++count;
  }
  if (count == 0) return Reason::UserMissing;
  return count == 1 ? Reason::Ok : Reason::CredentialMalformed;
}

}  // namespace

bool UserFilter::charge(RequestContext& context) const {
  if (!context.charged) context.charged = budget_.charge(context.key_id, source_of(context));
  return context.charged;
}

void UserFilter::refund(RequestContext& context) const {
  if (std::exchange(context.charged, false)) budget_.refund(context.key_id, source_of(context));
}

Refusal UserFilter::over_budget(const RequestContext& context) const {
  return {Reason::TooManyFailures, budget_.retry_after_s(context.key_id, source_of(context))};
}

// Charged also when that only just spends the budget: the reason stays what it is.
Answer UserFilter::refuse(RequestContext& context, Reason reason) const {
  (void)charge(context);
  return Refusal{reason};
}

Answer UserFilter::on_request(RequestContext& context) const {
  std::string_view value;
  Reason problem = find_field(*context.request, value);
  auth::BasicCredential credential;
  if (problem == Reason::Ok && !credential.parse(value)) problem = Reason::CredentialMalformed;
  // A cached right answer is still an answer to a guess, so the budget comes first.
  const bool spent = !context.charged && budget_.spent(context.key_id, source_of(context));
  if (problem != Reason::Ok) {
    return spent ? Answer(over_budget(context)) : refuse(context, problem);
  }
  const auth::OpenedUser opened = directory_.find_user(*context.key.application, credential.name());
  const auth::UserRecord* user = opened.user;
  context.grant = opened.grant;
  const auth::Proof proof =
      user != nullptr
          ? verifier_.proofs().of(user->id(), user->security_version(), credential.password())
          : verifier_.proofs().of_unknown(context.account, credential.name(),
                                          credential.password());
  if (spent) {
    // The credential that succeeded on this connection before: no guess, it was told already.
    const bool familiar = user != nullptr && context.familiar_key == context.key_id &&
                          context.familiar == proof && user->is_proven(proof);
    if (!familiar) return over_budget(context);
  }
  if (user != nullptr && user->is_proven(proof)) return admit(context, *user, proof);
  return check_password(context, credential, user, proof);
}

Answer UserFilter::check_password(RequestContext& context, const auth::BasicCredential& credential,
                                  const auth::UserRecord* user, const auth::Proof& proof) const {
  if (!charge(context)) return over_budget(context);
  const std::string_view verifier = user != nullptr ? user->verifier() : std::string_view{};
  Verdict verdict = Verdict::Unusable;
  if (context.hashing && context.hashing->finished && context.hashed == proof) {
    verdict = context.hashing->verdict;
  } else if (auth::is_fast(verifier)) {
    verdict = auth::verify_password(verifier, credential.password());
  } else {
    context.hashing = std::make_shared<Pending>();
    context.hashed = proof;
    const bool queued = verifier_.verify(proof, verifier, credential.password(), *context.loop,
                                         [pending = context.hashing](Verdict found) {
                                           pending->verdict = found;
                                           pending->finish();
                                         });
    if (!queued) {
      refund(context);
      return Refusal{Reason::HashPoolFull, kPoolRetry_s};
    }
    return Wait{context.hashing, clock_.monotonic_us() + kHashDeadlineUs, Reason::HashPoolFull};
  }
  if (verdict == Verdict::Unusable) {
    refund(context);
    return Refusal{Reason::InternalError};
  }
  if (user == nullptr) return refuse(context, Reason::UserUnknown);
  if (verdict == Verdict::Wrong) return refuse(context, Reason::PasswordWrong);
  user->set_proven(proof);
  return admit(context, *user, proof);
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

void UserFilter::act_for(RequestContext& context, const auth::UserRecord& user) {
  context.account = user.account();
  if (context.grant == nullptr) return;
  // Where the path names no workspace, the granting account's own is meant.
  if (context.match.route->workspace_segment == Route::kNoSegment) {
    context.workspace = {context.grant->account->default_workspace.load(std::memory_order_acquire)};
  }
}

Answer UserFilter::admit(RequestContext& context, const auth::UserRecord& user,
                         const auth::Proof& proof) const {
  const Reason state = state_of(user, context.request->client);
  if (state == Reason::PasswordChangeRequired) {
    refund(context);
    return Refusal{state};  // the password was right: no failure
  }
  if (state != Reason::Ok) return refuse(context, state);
  refund(context);
  context.user = &user;
  context.user_id = user.id();
  act_for(context, user);
  context.familiar = proof;
  context.familiar_key = context.key_id;
  return Continue{};
}

}  // namespace sallyport::gateway
