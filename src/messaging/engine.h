// The messaging engine behind the doors: resources answered from the store. One Engine per worker,
// used on its thread only; everything it refers to outlives it. What the client did wrong is an
// answer with a 4xx; a store that is away is an Error, which the gateway makes a 503.
//
// Every id is looked up within the caller's account and the workspace of the path: another's id
// answers with the same bytes as an unknown one.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/loop.h"
#include "base/random.h"
#include "config/config.h"
#include "http/exchange.h"
#include "messaging/message_store.h"
#include "messaging/sender_directory.h"
#include "messaging/workspace_directory.h"

namespace sallyport::messaging {

struct OperationRoute {
  http::Method method = http::Method::Get;
  std::string pattern;    // "/messages/{id}"
  std::string operation;  // "messages.show"
  bool mutating = false;
};

// What a request's path names.
enum class ResourceKind : std::uint8_t { Root, Workspaces, Workspace, Messages, Message, Status };

struct ResourcePath {
  ResourceKind kind = ResourceKind::Root;
  std::optional<std::string_view> workspace;  // as written; none: the account's default one
  std::string_view message;                   // as written
};
std::optional<ResourcePath> match_resource(const http::Request& request);

using TimeZoneOf = std::function<std::string(AccountId)>;

class Call;

class Engine final : public http::Handler {
 public:
  // `wake_scheduler` is called after each stored message. `time_zone_of` gives the zone that an
  // account's times are shown in; without it UTC. Without `senders` no account has any.
  Engine(const config::Config& config, MessageStore& store, const WorkspaceDirectory& workspaces,
         Loop& loop, const Clock& clock, Random& random, std::function<void()> wake_scheduler,
         TimeZoneOf time_zone_of = {}, const SenderDirectory* senders = nullptr);

  // Every route, for both bases. GET implies HEAD.
  static std::vector<OperationRoute> routes();

  Task<Result<http::Response>> handle(const http::Request& request, const Caller& caller,
                                      http::BodyReader& body) override;

 private:
  Task<Result<http::Response>> serve(const http::Request* request, Caller caller,
                                     http::BodyReader* body);
  Task<Result<http::Response>> create(const Call* call, WorkspaceId workspace,
                                      http::BodyReader* body);
  Result<http::Response> read(const Call& call, WorkspaceId workspace);

  const config::Config& config_;
  MessageStore& store_;
  const WorkspaceDirectory& workspaces_;
  Loop& loop_;
  const Clock& clock_;
  Random& random_;
  std::function<void()> wake_scheduler_;
  TimeZoneOf time_zone_of_;
  const SenderDirectory* senders_;
};

}  // namespace sallyport::messaging
