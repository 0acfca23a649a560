#include "unit/messaging/engine_fixture.h"

#include "base/encoding.h"

namespace sallyport::messaging::test {
namespace {

// What the connection makes of a target, as far as the engine needs it.
void parse_target(http::Request& request, const std::string& target,
                  std::deque<std::string>& kept) {
  const std::string_view text = target;
  const std::size_t question = text.find('?');
  request.path = text.substr(0, question);
  std::string_view rest = request.path.substr(1);
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    if (rest.substr(0, slash).empty()) break;
    request.segments.push_back(rest.substr(0, slash));
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  if (question == std::string_view::npos) return;
  request.query = text.substr(question + 1);
  std::string_view pairs = request.query;
  while (!pairs.empty()) {
    const std::size_t end = pairs.find('&');
    const std::string_view raw = pairs.substr(0, end);
    const std::size_t equals = raw.find('=');
    kept.push_back(*percent_decode(raw.substr(0, equals)));
    kept.push_back(equals == std::string_view::npos ? "" : *percent_decode(raw.substr(equals + 1)));
    request.pairs.push_back({raw, kept[kept.size() - 2], kept.back()});
    pairs = end == std::string_view::npos ? std::string_view() : pairs.substr(end + 1);
  }
}

Task<void> drive(Engine* engine, const http::Request* request, Caller caller, FixedBody* body,
                 std::optional<Result<http::Response>>* out) {
  Result<http::Response> response = co_await engine->handle(*request, std::move(caller), *body);
  out->emplace(std::move(response));
}

}  // namespace

EngineTest::EngineTest()
    : engine(
          config, store, workspaces, loop, clock, random, [this] { ++wakes; },
          [this](AccountId) { return zone; }) {
  Workspace first = workspace(kAccount, kDefault, "My Company");
  first.is_default = true;
  Workspace second = workspace(kAccount, kSecond, "A Space Odessey");
  second.project_number = "2001";
  second.billing_cost_centre = "Hollywood";
  second.created_us = 2;
  Workspace disabled = workspace(kAccount, kDisabled, "Old");
  disabled.status = Status::Disabled;
  disabled.created_us = 3;
  workspaces.load({first, second, disabled, workspace(kOtherAccount, kOthers, "Theirs")});
  caller.account = kAccount;
  caller.user = kUser;
  caller.application = ApplicationId{5};
  caller.username = "test user";
  caller.display_name = "Test User";
  caller.public_url = "https://api.example.com:8443";
}

Workspace EngineTest::workspace(AccountId account, WorkspaceId id, std::string name) {
  Workspace made;
  made.id = id;
  made.account = account;
  made.project_name = std::move(name);
  made.created_us = 1;
  return made;
}

Message& EngineTest::stored(std::uint64_t number, WorkspaceId in, AccountId of) {
  const MessageId id{0x069BF68E5E0FE99B, number};
  Message& message = store.messages[id];
  message.id = id;
  message.account = of;
  message.workspace = in;
  message.user = kUser;
  message.username = "test user";
  message.from_name = "Test User";
  message.created_us = clock.unix_us();
  message.content.to = "ann@example.com";
  message.content.subject = "test subject";
  message.content.body = "test body";
  Recipient one;
  one.index = 1;
  one.destination = "ann@example.com";
  message.recipients = {one};
  return message;
}

Result<http::Response> EngineTest::run(Sent sent) {
  http::Request request;
  std::deque<std::string> kept;
  request.method = sent.method;
  parse_target(request, sent.target, kept);
  for (const auto& [name, value] : sent.fields) request.fields.push_back({name, value});
  FixedBody body(std::move(sent.body));
  std::optional<Result<http::Response>> out;
  Task<void> task = drive(&engine, &request, caller, &body, &out);
  task.start();
  loop.run_all();
  if (!out) return fail(ErrorKind::Internal, "the engine waits");
  return std::move(*out);
}

http::Response EngineTest::get(std::string target, std::string accept) {
  Sent sent{.target = std::move(target)};
  if (!accept.empty()) sent.fields.emplace_back("accept", std::move(accept));
  auto response = run(std::move(sent));
  EXPECT_TRUE(response) << response.error().message;
  return response ? std::move(*response) : http::Response();
}

http::Response EngineTest::post(std::string body, std::string type, std::string accept,
                                std::string target) {
  Sent sent{.method = http::Method::Post, .target = std::move(target), .body = std::move(body)};
  if (!type.empty()) sent.fields.emplace_back("content-type", std::move(type));
  if (!accept.empty()) sent.fields.emplace_back("accept", std::move(accept));
  auto response = run(std::move(sent));
  EXPECT_TRUE(response) << response.error().message;
  return response ? std::move(*response) : http::Response();
}

std::string EngineTest::field(const http::Response& response, std::string_view name) {
  const std::string wire = "\r\n" + std::string(response.head.wire());
  const std::string start = "\r\n" + std::string(name) + ": ";
  const std::size_t at = wire.find(start);
  if (at == std::string::npos) return {};
  const std::size_t from = at + start.size();
  return wire.substr(from, wire.find("\r\n", from) - from);
}

}  // namespace sallyport::messaging::test
