#include "messaging/engine.h"

#include <algorithm>
#include <string>

#include "unit/messaging/engine_fixture.h"

namespace sallyport::messaging::test {
namespace {

constexpr char kGood[] = R"({"to":"ann@example.com","subject":"Hello","body":"This is the body"})";

TEST_F(EngineTest, RoutesCoverBothBases) {
  const auto routes = Engine::routes();
  EXPECT_EQ(routes.size(), 11U);
  const auto create = std::ranges::count(routes, "messages.create", &OperationRoute::operation);
  EXPECT_EQ(create, 2);
  for (const OperationRoute& route : routes) {
    EXPECT_EQ(route.mutating, route.method == http::Method::Post) << route.pattern;
  }
}

TEST_F(EngineTest, UnknownPathsAndMethodsAnswerInItsShape) {
  for (const char* target :
       {"/nothing", "/messages/x/y/z", "/messages/x/other", "/workspaces/BB9ECBE5BA73CD81/other"}) {
    const auto response = get(target, "application/json");
    EXPECT_EQ(response.head.status(), 404) << target;
    EXPECT_NE(response.body.find("does not exist"), std::string::npos);
  }
  const auto refused = run({.method = http::Method::Delete, .target = "/messages"});
  EXPECT_EQ(refused->head.status(), 405);
  EXPECT_EQ(field(*refused, "Allow"), "GET, HEAD, POST, OPTIONS");
  const auto post = run({.method = http::Method::Post, .target = "/workspaces"});
  EXPECT_EQ(post->head.status(), 405);
  EXPECT_EQ(field(*post, "Allow"), "GET, HEAD, OPTIONS");
}

TEST_F(EngineTest, OptionsSaysWhatIsAllowed) {
  const auto response = run({.method = http::Method::Options, .target = "/messages"});
  EXPECT_EQ(response->head.status(), 204);
  EXPECT_EQ(field(*response, "Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_TRUE(response->body.empty());
}

TEST_F(EngineTest, HeadIsAnsweredLikeGet) {
  const auto head = run({.method = http::Method::Head, .target = "/workspaces/"});
  const auto whole = run({.target = "/workspaces"});
  EXPECT_EQ(head->head.status(), 200);
  EXPECT_EQ(head->head.wire(), whole->head.wire());
  EXPECT_EQ(head->body, whole->body);
}

TEST_F(EngineTest, EveryIdIsLookedUpWithinAccountAndWorkspace) {
  stored(1);
  stored(2, kSecond);
  stored(3, kOthers, kOtherAccount);
  const std::string prefix = "069BF68E5E0FE99B000000000000000";
  const auto unknown = get("/messages/" + prefix + "9", "application/json");
  EXPECT_EQ(unknown.head.status(), 404);
  EXPECT_EQ(get("/messages/" + prefix + "1").head.status(), 200);
  EXPECT_EQ(get("/workspaces/174157CA505F4142/messages/" + prefix + "2").head.status(), 200);
  for (const std::string& target :
       {"/messages/" + prefix + "2", "/messages/" + prefix + "3",
        "/workspaces/174157CA505F4142/messages/" + prefix + "1",
        "/workspaces/2222222222222222/messages/" + prefix + "3", std::string("/messages/x"),
        "/messages/" + prefix + "3/messagestatus", "/messages/" + prefix + "1x"}) {
    const auto response = get(target, "application/json");
    EXPECT_EQ(response.head.status(), 404) << target;
    EXPECT_EQ(response.body, unknown.body) << target;
  }
}

TEST_F(EngineTest, AnAccountWithoutDefaultWorkspaceHasNoMessages) {
  caller.account = kOtherAccount;
  EXPECT_EQ(get("/messages").head.status(), 404);
  EXPECT_EQ(post(kGood).head.status(), 404);
}

TEST_F(EngineTest, ADisabledWorkspaceOnlyReads) {
  const std::string base = "/workspaces/1111111111111111";
  EXPECT_EQ(post(kGood, kJson, kJson, base + "/messages").head.status(), 422);
  EXPECT_EQ(get(base + "/messages").head.status(), 200);
  EXPECT_TRUE(store.messages.empty());
}

TEST_F(EngineTest, AcceptsOnlyOnceItIsStored) {
  store.hold = true;
  Sent sent{.method = http::Method::Post,
            .target = "/messages",
            .fields = {{"content-type", kJson}, {"accept", kJson}},
            .body = std::string(kGood)};
  const auto waiting = run(sent);  // gives up at the end of run(), as when the client goes
  EXPECT_FALSE(waiting);
  EXPECT_EQ(store.held(), 1U);
  EXPECT_EQ(wakes, 0);
  store.release();  // the commit comes after the request has gone: nobody is there any more
  loop.run_all();
  store.hold = false;
  EXPECT_EQ(post(kGood).head.status(), 202);
  EXPECT_EQ(wakes, 1);
}

TEST_F(EngineTest, AStoreThatIsAwayIsAnErrorAndNothingElse) {
  store.failing_writes = 1;
  Sent sent{.method = http::Method::Post,
            .target = "/messages",
            .fields = {{"content-type", kJson}, {"accept", kJson}},
            .body = std::string(kGood)};
  const auto response = run(sent);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::Unavailable);
  EXPECT_EQ(wakes, 0);
  store.reads_fail = true;
  for (const char* target : {"/messages", "/messages/069BF68E5E0FE99B0000000000000001",
                             "/messages/069BF68E5E0FE99B0000000000000001/messagestatus"}) {
    EXPECT_FALSE(run({.target = target})) << target;
  }
}

TEST_F(EngineTest, ABodyThatCannotBeHadEndsTheConnection) {
  struct Case {
    http::BodyFault fault;
    int status;
    Reason reason;
  };
  const Case cases[] = {{http::BodyFault::TooLarge, 413, Reason::BodyTooLarge},
                        {http::BodyFault::Timeout, 408, Reason::BodyTimeout},
                        {http::BodyFault::Malformed, 400, Reason::BadFraming},
                        {http::BodyFault::Gone, 400, Reason::ClientGone}};
  for (const Case& one : cases) {
    const auto response = run({.method = http::Method::Post,
                               .target = "/messages",
                               .fields = {{"content-type", kJson}, {"accept", kJson}},
                               .body = std::unexpected(one.fault)});
    EXPECT_EQ(response->head.status(), one.status);
    EXPECT_EQ(response->reason, one.reason);
    EXPECT_TRUE(response->close);
    EXPECT_EQ(field(*response, "Content-Type"), kJson);
  }
}

}  // namespace
}  // namespace sallyport::messaging::test
