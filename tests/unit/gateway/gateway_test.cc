#include "gateway/gateway.h"

#include "doors_fixture.h"

namespace sallyport::gateway {
namespace {

using http::Method;
using GatewayTest = DoorsFixture;

TEST_F(GatewayTest, ARightRequestReachesTheHandlerWithItsCaller) {
  const http::Response response = answer(good());
  EXPECT_EQ(response.head.status(), 200);
  EXPECT_EQ(response.reason, Reason::Ok);
  EXPECT_EQ(response.body, "hello");
  EXPECT_EQ(field_of(response, "Cache-Control"), "private, no-store");
  EXPECT_EQ(handler_.last.account, kAccount);
  EXPECT_EQ(handler_.last.application, kApplication);
  EXPECT_EQ(handler_.last.subscription, kSubscription);
  EXPECT_EQ(handler_.last.username, "John.Smith");
  EXPECT_EQ(handler_.last.operation, "messages.list");
  EXPECT_EQ(handler_.last.public_url, "https://api.test:8443");
  EXPECT_EQ(handler_.last.echo_apikey, "");
}

TEST_F(GatewayTest, TheKeyIsEchoedOnlyWhenItCameInTheQuery) {
  Sent sent = good(Method::Get, "/messages?apikey=" + key_);
  EXPECT_EQ(answer(sent).head.status(), 200);
  EXPECT_EQ(handler_.last.echo_apikey, key_) << "in both places";
  sent.fields.erase(sent.fields.begin());
  EXPECT_EQ(answer(sent).head.status(), 200);
  EXPECT_EQ(handler_.last.echo_apikey, key_);
}

TEST_F(GatewayTest, RefusalsReachNoHandler) {
  Sent sent = good();
  sent.host = "other.test";
  EXPECT_EQ(answer(sent).head.status(), 421);
  EXPECT_EQ(answer(good(Method::Get, "/nothing")).head.status(), 404);
  EXPECT_EQ(answer(good(Method::Put)).head.status(), 405);
  sent = good();
  sent.fields[0].second = "wrong";
  EXPECT_EQ(answer(sent).body, "<h1>Developer Inactive</h1>");
  sent.transport = http::Transport::Refused;
  sent.host = "other.test";
  EXPECT_EQ(answer(sent).body, "<h1>Service Requires SSL</h1>") << "TLS comes before the host";
  EXPECT_EQ(handler_.calls, 0);
}

TEST_F(GatewayTest, ARefusedPasswordLeavesAtTheNextMultipleOf100Ms) {
  for (const char* field : {"Basic !!!", "Bearer x", ""}) {
    Sent sent = good();
    sent.fields[1].second = *field == '\0' ? basic("john.smith", "wrong") : field;
    const std::int64_t arrival = clock_.monotonic_us();
    EXPECT_EQ(answer(sent).head.status(), 401);
    EXPECT_EQ(clock_.monotonic_us() - arrival, 100'000) << field;
  }
  Sent forbidden = good();
  forbidden.fields[0].second = "wrong";
  const std::int64_t arrival = clock_.monotonic_us();
  EXPECT_EQ(answer(forbidden).head.status(), 403);
  EXPECT_EQ(clock_.monotonic_us(), arrival) << "a bad key is told at once";
}

TEST_F(GatewayTest, TheEnginesAnswersHaveTheirReasons) {
  const struct {
    int status;
    Reason reason;
  } rows[] = {{202, Reason::Ok},
              {304, Reason::Ok},
              {404, Reason::EngineRefused},
              {422, Reason::EngineRefused},
              {500, Reason::EngineFailed},
              {503, Reason::EngineFailed}};
  for (const auto& row : rows) {
    handler_.status = row.status;
    const http::Response response = answer(good());
    EXPECT_EQ(response.head.status(), row.status);
    EXPECT_EQ(to_string(response.reason), to_string(row.reason));
    EXPECT_EQ(response.body, "hello") << "the engine's own words stay";
  }
}

TEST_F(GatewayTest, AHandlersErrorIsOurFailure) {
  const struct {
    ErrorKind kind;
    int status;
    Reason reason;
  } rows[] = {{ErrorKind::Unavailable, 503, Reason::StoreAway},
              {ErrorKind::Exhausted, 503, Reason::StoreAway},
              {ErrorKind::Internal, 500, Reason::InternalError},
              {ErrorKind::Denied, 500, Reason::InternalError}};
  for (const auto& row : rows) {
    handler_.error = Error{row.kind, "a detail that is not for clients"};
    const http::Response response = answer(good());
    EXPECT_EQ(response.head.status(), row.status);
    EXPECT_EQ(response.reason, row.reason);
    EXPECT_EQ(response.body.find("detail"), std::string::npos);
  }
}

TEST_F(GatewayTest, ARequiredLogThatFailsIs503) {
  telemetry::AccessLog full(*telemetry::AccessFile::open("/dev/full"), true);
  Gateway strict(router_, chain_, clock_, loop_, full, shard_);
  exchange_ = strict.open();
  EXPECT_EQ(answer(good()).head.status(), 200) << "nothing has failed yet";
  full.add({});
  full.flush();
  const http::Response response = answer(good());
  EXPECT_EQ(response.head.status(), 503);
  EXPECT_EQ(response.reason, Reason::LogAway);
  EXPECT_EQ(handler_.calls, 1);
  exchange_ = gateway_.open();
}

TEST_F(GatewayTest, OptionsPassesAllDoorsAndIsAnsweredHere) {
  Sent sent = good(Method::Options);
  http::Response response = answer(sent);
  EXPECT_EQ(response.head.status(), 204);
  EXPECT_EQ(field_of(response, "Allow"), "GET, HEAD, OPTIONS, POST");
  sent.fields.pop_back();
  EXPECT_EQ(answer(sent).head.status(), 401);
  EXPECT_EQ(handler_.calls, 0);
}

TEST_F(GatewayTest, AQuotaMarkThatNeverComesIs503) {
  set_limits({{}, {}, 5, QuotaPeriod::Day});
  store_.silent = true;
  const http::Response response = answer(good());
  EXPECT_EQ(response.head.status(), 503);
  EXPECT_EQ(response.reason, Reason::StoreAway);
  EXPECT_EQ(field_of(response, "Retry-After"), "1");
  for (auto& done : store_.held) done({});
  while (loop_.turn()) continue;
  EXPECT_EQ(handler_.calls, 0) << "who comes late finds nobody";
}

TEST_F(GatewayTest, ProblemPagesAreOpenOnModernHostsOnly) {
  Sent sent;
  sent.target = "/problems/over-rate";
  sent.host = "modern.test";
  http::Response response = answer(sent);
  EXPECT_EQ(response.head.status(), 200);
  EXPECT_EQ(field_of(response, "Content-Type"), "text/html; charset=utf-8");
  sent.target = "/problems/no-such";
  EXPECT_EQ(answer(sent).head.status(), 404);
  sent.target = "/problems/over-rate";
  sent.host = "api.test";
  EXPECT_EQ(answer(sent).head.status(), 404);
}

TEST_F(GatewayTest, BrokenHeadsAreDressedToo) {
  http::BrokenHead broken;
  broken.request_id = "id";
  broken.host = "api.test";
  http::Response response = exchange_->refuse(broken);
  EXPECT_EQ(response.body, "<h1>Bad Request</h1>");
  exchange_->finish({400, response.reason, 0, 0, clock_.monotonic_us()});
  broken.transport = http::Transport::Refused;
  broken.host = "";
  response = exchange_->refuse(broken);
  EXPECT_EQ(response.body, "<h1>Service Requires SSL</h1>") << "all that a plain port ever says";
  EXPECT_EQ(response.reason, Reason::TlsRequired);
  exchange_->finish({403, response.reason, 0, 0, clock_.monotonic_us()});
}

TEST_F(GatewayTest, EveryRequestIsCounted) {
  answer(good());
  Sent wrong = good();
  wrong.fields[0].second = "wrong";
  answer(wrong);
  wrong.host = "other.test";
  answer(wrong);
  auto count = [&](std::size_t api, Reason reason) {
    return shard_.requests[api * kReasonCount + static_cast<std::size_t>(reason)].load();
  };
  EXPECT_EQ(count(1, Reason::Ok), 1U);
  EXPECT_EQ(count(1, Reason::KeyUnknown), 1U);
  EXPECT_EQ(count(0, Reason::Misdirected), 1U) << "of no API";
}

TEST_F(GatewayTest, AKeyIsNotedOnceAMinuteOnceItPassesItsDoor) {
  Sent wrong = good();
  wrong.fields.back().second = basic("john.smith", "wrong");
  Sent unknown = good();
  unknown.fields.front().second = "sp_live_wrong";
  answer(unknown);
  EXPECT_TRUE(gateway_.key_uses().empty());
  answer(wrong);
  ASSERT_EQ(gateway_.key_uses().size(), 1U) << "whose password is wrong uses the key all the same";
  EXPECT_EQ(gateway_.key_uses()[0].key, directory_.find_key(sha256(key_))->id);
  answer(good());
  EXPECT_EQ(gateway_.key_uses().size(), 1U);
  clock_.advance_us(61'000'000);
  answer(good());
  EXPECT_EQ(gateway_.key_uses().size(), 2U);
}

}  // namespace
}  // namespace sallyport::gateway
