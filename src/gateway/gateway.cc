#include "gateway/gateway.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "gateway/clothing.h"
#include "gateway/cors.h"
#include "gateway/limit_fields.h"
#include "gateway/password_answer.h"
#include "gateway/refusal_text.h"
#include "gateway/request_context.h"
#include "gateway/request_log.h"
#include "gateway/role_list.h"
#include "gateway/token_answers.h"
#include "gateway/whoami.h"

namespace sallyport::gateway {
namespace {

// A refused password leaves at the next multiple of this after arrival, whatever was computed.
constexpr std::int64_t kRefusalStepUs = 100'000;

// The coroutine's end of a Pending: woken when it has finished or the time has come, and out of
// reach for both when the coroutine goes first.
class PendingWait {
 public:
  PendingWait(Loop& loop, std::shared_ptr<Pending> pending, std::int64_t deadline_us)
      : pending_(std::move(pending)) {
    if (pending_->finished) {
      waiter_.resolve(true);
      return;
    }
    pending_->wake = [this] { waiter_.resolve(true); };
    loop.at(deadline_us, [weak = std::weak_ptr(pending_)] {
      const auto late = weak.lock();
      if (!late || late->finished) return;
      if (auto waiting = std::exchange(late->wake, {})) waiting();
    });
  }
  ~PendingWait() { pending_->wake = nullptr; }
  PendingWait(const PendingWait&) = delete;
  PendingWait& operator=(const PendingWait&) = delete;
  Waiter<bool>& waiter() { return waiter_; }
  bool finished() const { return pending_->finished; }

 private:
  std::shared_ptr<Pending> pending_;
  Waiter<bool> waiter_;
};

// What a handler leaves to the doors to say: a body that could not be had, an upstream that did not
// answer.
bool is_for_the_doors(Reason reason) {
  switch (reason) {
    case Reason::BodyTooLarge:
    case Reason::BodyTimeout:
    case Reason::BadFraming:
    case Reason::ClientGone:
    case Reason::NotCanonical:
    case Reason::UpstreamRefused:
    case Reason::UpstreamTls:
    case Reason::UpstreamReset:
    case Reason::UpstreamUnparsable:
    case Reason::UpstreamTooSlow:
    case Reason::UpstreamEjected:
    case Reason::UpstreamBusy:
    case Reason::InternalError: return true;
    default: return false;
  }
}

}  // namespace

class GatewayExchange final : public http::Exchange {
 public:
  explicit GatewayExchange(Gateway& gateway) : gateway_(gateway) {
    context_.proven = &gateway.proven_;
  }

  Task<http::Response> answer(http::Request& request, http::BodyReader& body) override {
    router_ = gateway_.router_;
    context_.reset(request, gateway_.loop_);
    context_.shedder = gateway_.shedder_;
    admitted_ = false;
    log_.begin(gateway_.clock_, request);
    return run(&request, &body);
  }

  http::Response refuse(const http::BrokenHead& broken) override {
    router_ = gateway_.router_;
    context_.match = {};
    context_.request = nullptr;
    context_.subscription = {};
    log_.begin(gateway_.clock_, broken);
    // A plain port answers one thing only, whatever it was sent.
    const bool plain = broken.transport == http::Transport::Refused;
    const VirtualHost* host = router_->host(broken.host);
    context_.match.host = host;
    return dress({plain ? Reason::TlsRequired : broken.reason},
                 {host, nullptr, broken.request_id, {}});
  }

  void finish(const http::Outcome& outcome) override {
    context_.end_flight();
    count_usage(outcome);
    log_.finish(context_, outcome, gateway_.log_);
    const std::size_t api = context_.match.host == nullptr ? 0 : context_.api().index + 1;
    if (context_.key_used_us != 0) {
      gateway_.key_uses_.push_back({context_.key_id, context_.key_used_us});
      context_.key_used_us = 0;
    }
    gateway_.shard_.count_request(api, outcome.reason, log_.duration_us());
    gateway_.shard_.count_shadow(api, context_.role_shadow.verdict);
    context_.match = {};
    router_.reset();  // an idle connection keeps no old configuration alive
  }

 private:
  Task<http::Response> run(http::Request* asked, http::BodyReader* body) {
    const http::Request& request = *asked;
    std::optional<Refusal> refusal = before_the_doors(*asked);
    if (refusal && refusal->reason == Reason::NoRoute && names_a_problem(request)) {
      co_return problem_answer(request);
    }
    if (!refusal && is_preflight(context_.api().settings, request)) {
      co_return preflight_answer(context_.api().settings, request, context_.match.allow);
    }
    while (!refusal) {
      Answer answer = gateway_.chain_.run(context_);
      if (std::holds_alternative<Continue>(answer)) {
        admitted_ = true;
        break;
      }
      if (auto* refused = std::get_if<Refusal>(&answer)) {
        refusal = *refused;
        break;
      }
      const Wait wait = std::move(std::get<Wait>(answer));
      context_.forget_tables();
      PendingWait pending(gateway_.loop_, wait.pending, wait.deadline_us);
      Waiter<bool>& woken = pending.waiter();
      co_await woken;
      if (!pending.finished()) refusal = Refusal{wait.overdue, 1};
    }
    if (refusal) {
      context_.forget_tables();
      context_.end_flight();
      if (is_password_refusal(refusal->reason)) {
        PendingWait pause(gateway_.loop_, std::make_shared<Pending>(), refusal_time(request));
        Waiter<bool>& due = pause.waiter();
        co_await due;
      }
      http::Response refused = dress(*refusal, wearer());
      const bool modern = context_.match.host == nullptr ||
                          context_.api().settings.profile == config::Profile::Modern;
      if (!modern) tell_limits(refused);  // the modern refusal tells them anyway
      co_return with_cors(std::move(refused));
    }
    if (request.method == http::Method::Options &&
        context_.match.route->method != http::Method::Options) {
      co_return with_cors(options_answer());
    }
    if (context_.match.route->answer == DoorAnswer::ChangePassword) {
      const gateway::Doors& doors = gateway_.chain_.doors();
      PasswordOwner owner{context_.user_id, context_.user->security_version(),
                          std::string(context_.user->username())};
      context_.forget_tables();
      if (doors.passwords == nullptr) co_return dress({Reason::StoreAway}, wearer());
      co_return co_await change_password({&doors.verifier, doors.passwords, &gateway_.loop_},
                                         std::move(owner), wearer(), body);
    }
    if (context_.match.route->about_caller()) co_return door_answer();
    fill_caller();
    context_.forget_tables();
    http::Handler& handler = *context_.match.route->handler;
    Result<http::Response> result = co_await handler.handle(request, caller_, *body);
    co_return with_cors(finished(std::move(result)));
  }

  // Of whoever's key it was; what no subscription stands behind is in the metrics only.
  void count_usage(const http::Outcome& outcome) {
    if (gateway_.usage_ == nullptr || !context_.subscription) return;
    const std::int64_t now_us = gateway_.clock_.unix_us();
    const Route* route = context_.match.route;
    std::string_view operation;
    if (route != nullptr) {
      operation =
          route->operation.empty() ? route->pattern.text() : std::string_view(route->operation);
    }
    const std::string_view api = context_.api().settings.name;
    const auto add = [&](limit::UsageClass kind, Reason reason, std::uint64_t bytes) {
      gateway_.usage_->add({context_.subscription, now_us, api, operation, kind, reason, bytes});
    };
    const bool let_in = outcome.reason == Reason::Ok || outcome.reason == Reason::EngineRefused ||
                        outcome.reason == Reason::EngineFailed || admitted_;
    const limit::UsageClass kind = outcome.reason == Reason::Ok && outcome.status < 400
                                       ? limit::UsageClass::Successful
                                   : let_in ? limit::UsageClass::Other
                                            : limit::UsageClass::Blocked;
    add(kind, outcome.reason, outcome.bytes_out);
    if (context_.shadow != Reason::Ok) add(limit::UsageClass::Shadow, context_.shadow, 0);
  }

  // TLS, then the route; what the chain needs to run at all.
  std::optional<Refusal> before_the_doors(http::Request& request) {
    if (request.transport == http::Transport::Refused) {
      context_.match.host = router_->host(request.host);
      return Refusal{Reason::TlsRequired};
    }
    if (gateway_.log_.must_refuse()) {
      context_.match.host = router_->host(request.host);
      return Refusal{Reason::LogAway, 1};
    }
    context_.match = router_->match(request);
    if (context_.match.reason != Reason::Ok) return Refusal{context_.match.reason};
    // From here on the request is what its route believes it to be; also for the upstream.
    request.method = context_.match.method;
    if (context_.match.overriding != nullptr) {
      request.fields.push_back(*context_.match.overriding);
    }
    return std::nullopt;
  }

  // What a modern problem's `type` names is a page, open to everybody: it says nothing of anybody.
  bool names_a_problem(const http::Request& request) const {
    const bool reads = request.method == http::Method::Get || request.method == http::Method::Head;
    return reads && context_.api().settings.profile == config::Profile::Modern &&
           request.segments.size() == 2 && request.segments[0] == kProblemsSegment &&
           !problem_page(request.segments[1]).empty();
  }

  static http::Response problem_answer(const http::Request& request) {
    http::Response response;
    response.head.add("Content-Type", "text/html; charset=utf-8");
    response.body = problem_page(request.segments[1]);
    add_security_fields(response.head);
    return response;
  }

  static bool is_password_refusal(Reason reason) {
    const RefusalText& text = text_of(reason);
    return text.door == Door::User && text.status == 401;
  }

  std::int64_t refusal_time(const http::Request& request) const {
    const std::int64_t passed = gateway_.clock_.monotonic_us() - request.arrival_us;
    const std::int64_t steps = passed <= 0 ? 1 : (passed + kRefusalStepUs - 1) / kRefusalStepUs;
    return request.arrival_us + steps * kRefusalStepUs;
  }

  Wearer wearer() const {
    return {context_.match.host,  context_.request,     context_.request->request_id,
            context_.match.allow, context_.match.route, context_.told()};
  }

  // In place: its texts keep their capacity from request to request.
  void fill_caller() {
    caller_.account = context_.account;
    caller_.application = context_.application;
    caller_.subscription = context_.subscription;
    caller_.key = context_.key_id;
    caller_.environment =
        context_.key.key != nullptr ? context_.key.key->environment : Environment::Live;
    caller_.user = context_.user_id;
    if (context_.user != nullptr) {
      caller_.username = context_.user->username();
      caller_.display_name = context_.user->display_name();
    } else {
      caller_.username = context_.key.application != nullptr ? application_name() : std::string();
      caller_.display_name = caller_.username;
    }
    caller_.operation = context_.match.route->operation;
    caller_.public_url = context_.match.host->public_url;
    caller_.echo_apikey = context_.key_in_query ? context_.key_text : std::string_view();
    caller_.echo_name = context_.key_in_query ? context_.key_name : std::string_view();
    caller_.roles.clear();
    if (context_.user == nullptr) return;
    for (const RoleAssignment& assignment : context_.user->roles()) {
      if (assignment.workspace || !is_within_ceiling(assignment.role)) continue;
      const std::string_view name = gateway_.chain_.doors().policy.name_of(assignment.role);
      if (!name.empty()) append_role(caller_.roles, name);
    }
  }

  // Under a grant an upstream hears only of roles that the grant names too.
  bool is_within_ceiling(RoleId role) const {
    if (context_.grant == nullptr || context_.grant->ceiling.empty()) return true;
    return std::ranges::find(context_.grant->ceiling, role, &RoleAssignment::role) !=
           context_.grant->ceiling.end();
  }

  http::Response with_cors(http::Response response) const {
    if (context_.match.host != nullptr) {
      add_cors_fields(response.head, context_.api().settings, *context_.request);
    }
    return response;
  }

  // Who acts where no user is asked.
  std::string application_name() const {
    const auth::Directory& directory = gateway_.chain_.doors().directory;
    const std::string_view name = directory.name_of(*context_.key.application);
    return name.empty() ? context_.application.hex() : std::string(name);
  }

  http::Response door_answer() const {
    switch (context_.match.route->answer) {
      case DoorAnswer::Whoami: return whoami(context_, gateway_.chain_.doors());
      case DoorAnswer::IssueToken: return issue_token(context_, gateway_.clock_);
      case DoorAnswer::VerifyToken: return verify_token(context_);
      case DoorAnswer::PublishKeys: return publish_keys(context_, gateway_.clock_);
      case DoorAnswer::ChangePassword:  // answered with its body, before
      case DoorAnswer::None: break;
    }
    return dress({Reason::InternalError}, wearer());
  }

  http::Response options_answer() const {
    http::Response response;
    response.head.set_status(204);
    response.head.add("Allow", context_.match.allow);
    tell_limits(response);
    add_security_fields(response.head);
    return response;
  }

  http::Response finished(Result<http::Response> result) {
    if (!result) {
      const ErrorKind kind = result.error().kind;
      const bool away = kind == ErrorKind::Unavailable || kind == ErrorKind::Exhausted;
      return dress({away ? Reason::StoreAway : Reason::InternalError}, wearer());
    }
    http::Response response = std::move(*result);
    if (response.source) {  // has said all that is to be said but this
      tell_limits(response);
      return response;
    }
    if (response.body.empty() && is_for_the_doors(response.reason)) {
      return dress({response.reason}, wearer());
    }
    const int status = response.head.status();
    if (response.reason == Reason::Ok && status >= 400) {
      response.reason = status >= 500 ? Reason::EngineFailed : Reason::EngineRefused;
    }
    charge_for_answer(response);
    tell_limits(response);
    add_security_fields(response.head);
    return response;
  }

  // What the answer says that it cost, on top of what was charged at the door.
  void charge_for_answer(const http::Response& response) {
    const std::string& field = context_.api().settings.cost.field;
    if (field.empty()) return;
    const auto value = response.head.value(field);
    std::uint32_t cost = 0;
    if (!value || !parse_cost(*value, cost) || cost <= context_.cost) return;
    gateway_.chain_.doors().thresholds.charge_more(context_.active_rules(), cost - context_.cost);
    context_.cost = cost;
  }

  static bool parse_cost(std::string_view text, std::uint32_t& cost) {
    constexpr std::uint32_t kMost = 1'000'000;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cost);
    return error == std::errc() && end == text.data() + text.size() && cost <= kMost;
  }

  void tell_limits(http::Response& response) const {
    const config::Api& api = context_.api().settings;
    if (api.limit_fields) add_limit_fields(response.head, api.profile, context_.told());
  }

  Gateway& gateway_;
  std::shared_ptr<const Router> router_;  // of the request under way
  RequestContext context_;
  bool admitted_ = false;  // the doors let this request in
  Caller caller_;          // of the request that a handler answers
  RequestLog log_;
};

std::unique_ptr<http::Exchange> Gateway::open() { return std::make_unique<GatewayExchange>(*this); }

}  // namespace sallyport::gateway
