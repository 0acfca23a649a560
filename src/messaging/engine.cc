#include "messaging/engine.h"

#include <utility>

#include "messaging/call.h"
#include "messaging/resources.h"

namespace sallyport::messaging {
namespace {

struct Allowed {
  std::string_view header;
  bool post = false;
};

Allowed allowed_of(ResourceKind kind) {
  if (kind == ResourceKind::Messages) return {"GET, HEAD, POST, OPTIONS", true};
  return {"GET, HEAD, OPTIONS"};
}

}  // namespace

std::optional<ResourcePath> match_resource(const http::Request& request) {
  const auto& segments = request.segments;
  std::size_t at = 0;
  ResourcePath path;
  if (segments.empty()) return path;
  if (segments[0] == "workspaces") {
    if (segments.size() == 1) {
      path = ResourcePath();
      path.kind = ResourceKind::Workspaces;
      return path;
    }
    path.workspace = segments[1];
    if (segments.size() == 2) {
      path.kind = ResourceKind::Workspace;
      return path;
    }
    at = 2;
  }
  if (segments[at] != "messages") return std::nullopt;
  const std::size_t more = segments.size() - at - 1;
  if (more > 0) path.message = segments[at + 1];
  if (more == 0) {
    path.kind = ResourceKind::Messages;
  } else if (more == 1) {
    path.kind = ResourceKind::Message;
  } else if (more == 2 && segments[at + 2] == "messagestatus") {
    path.kind = ResourceKind::Status;
  } else {
    return std::nullopt;
  }
  return path;
}

Engine::Engine(const config::Config& config, MessageStore& store,
               const WorkspaceDirectory& workspaces, Loop& loop, const Clock& clock, Random& random,
               std::function<void()> wake_scheduler, TimeZoneOf time_zone_of,
               const SenderDirectory* senders)
    : config_(config),
      store_(store),
      workspaces_(workspaces),
      loop_(loop),
      clock_(clock),
      random_(random),
      wake_scheduler_(std::move(wake_scheduler)),
      time_zone_of_(std::move(time_zone_of)),
      senders_(senders) {}

std::vector<OperationRoute> Engine::routes() {
  using http::Method;
  std::vector<OperationRoute> routes = {
      {Method::Get, "/", "root.show"},
      {Method::Get, "/workspaces", "workspaces.list"},
      {Method::Get, "/workspaces/{workspace}", "workspaces.show"},
  };
  for (const std::string base : {"", "/workspaces/{workspace}"}) {
    routes.push_back({Method::Post, base + "/messages", "messages.create", true});
    routes.push_back({Method::Get, base + "/messages", "messages.list"});
    routes.push_back({Method::Get, base + "/messages/{id}", "messages.show"});
    routes.push_back({Method::Get, base + "/messages/{id}/messagestatus", "messages.status"});
  }
  return routes;
}

Task<Result<http::Response>> Engine::handle(const http::Request& request, const Caller& caller,
                                            http::BodyReader& body) {
  return serve(&request, caller, &body);
}

Task<Result<http::Response>> Engine::serve(const http::Request* request, Caller caller,
                                           http::BodyReader* body) {
  const auto path = match_resource(*request);
  std::string zone = time_zone_of_ ? time_zone_of_(caller.account) : std::string("UTC");
  const Call call(config_, *request, std::move(caller), path.value_or(ResourcePath{}),
                  std::move(zone));
  if (!path) co_return call.refuse(404);
  const Allowed allowed = allowed_of(path->kind);
  const bool reads = request->method == http::Method::Get || request->method == http::Method::Head;
  const bool posts = request->method == http::Method::Post && allowed.post;
  if (request->method == http::Method::Options) {
    http::Response response;
    response.head.set_status(204);
    response.head.add("Allow", allowed.header);
    co_return response;
  }
  if (!reads && !posts) {
    http::Response response = call.refuse(405);
    response.head.add("Allow", allowed.header);
    co_return response;
  }

  WorkspaceId workspace;
  if (path->kind != ResourceKind::Root && path->kind != ResourceKind::Workspaces) {
    std::optional<Workspace> found;
    if (!path->workspace) {
      found = workspaces_.default_of(call.caller().account);
    } else if (const auto id = WorkspaceId::parse(*path->workspace)) {
      found = workspaces_.find(call.caller().account, *id);
    }
    if (!found) co_return call.refuse(404);
    // What was sent from it can still be read.
    if (posts && found->status != sallyport::Status::Active) {
      co_return call.refuse(422, "The workspace is disabled: nothing can be sent from it");
    }
    workspace = found->id;
  }
  if (posts) {
    Result<http::Response> response = co_await create(&call, workspace, body);
    co_return response;
  }
  co_return read(call, workspace);
}

Result<http::Response> Engine::read(const Call& call, WorkspaceId workspace) {
  switch (call.path().kind) {
    case ResourceKind::Root: return show_root(call);
    case ResourceKind::Workspaces: return list_workspaces(call, workspaces_);
    case ResourceKind::Workspace: return show_workspace(call, workspaces_, workspace);
    case ResourceKind::Messages: return list_messages(call, store_, clock_, workspace);
    case ResourceKind::Message: return show_message(call, store_, workspace);
    case ResourceKind::Status: return show_status(call, store_, workspace);
  }
  return call.refuse(404);
}

Task<Result<http::Response>> Engine::create(const Call* call, WorkspaceId workspace,
                                            http::BodyReader* body) {
  if (auto refused = check_posting(*call)) co_return std::move(*refused);
  auto received = co_await body->read_all(config_.limits.body_bytes);
  if (!received) co_return call->refuse_body(received.error());
  // Good until the next suspension, which is the store's.
  const SendingRecord* sending =
      senders_ == nullptr ? nullptr : senders_->of(call->caller().account);
  auto accepted = read_posted(*call, *received, sending, clock_);
  if (!accepted) co_return std::move(accepted.error());

  Message message = posted_message(*call, workspace, std::move(*accepted), clock_, random_);
  const SendGuard guard = guard_of(message, sending);
  std::optional<Document> echo = schedule_echo(*call, message);
  Idempotency idempotency = idempotency_of(*call, *received, clock_);
  LoopWait<Result<InsertOutcome>> stored;
  store_.insert(std::move(message), std::move(idempotency), guard, stored.post_to(loop_));
  const Result<InsertOutcome> outcome = co_await stored;
  if (!outcome) co_return std::unexpected(outcome.error());
  if (outcome->kind == InsertOutcome::Kind::Stored && wake_scheduler_) wake_scheduler_();
  co_return posted_answer(*call, *outcome, std::move(echo), clock_);
}

}  // namespace sallyport::messaging
