#include "server/telemetry_entry.h"

#include <gtest/gtest.h>

namespace sallyport::server {
namespace {

class NoBody final : public http::BodyReader {
 public:
  Task<std::expected<std::string, http::BodyFault>> read_all(std::size_t) override {
    co_return std::string();
  }
};

Task<void> ask(http::Exchange* exchange, http::Request* request, http::BodyReader* body,
               http::Response* out) {
  *out = co_await exchange->answer(*request, *body);
}

struct Case {
  const char* host;
  const char* path;
  http::Method method;
  bool ready;
  int status;
};

TEST(TelemetryEntry, AnswersThreePathsToKnownHosts) {
  const telemetry::Metrics metrics({"messaging"}, 1);
  std::atomic<bool> ready = true;
  TelemetryEntry entry(metrics, ready, {"metrics.internal"});
  const auto exchange = entry.open();
  const Case cases[] = {
      {"localhost", "/metrics", http::Method::Get, true, 200},
      {"metrics.internal", "/metrics", http::Method::Get, true, 200},
      {"evil.example", "/metrics", http::Method::Get, true, 421},
      {"127.0.0.1", "/healthz", http::Method::Head, true, 200},
      {"127.0.0.1", "/readyz", http::Method::Get, true, 200},
      {"127.0.0.1", "/readyz", http::Method::Get, false, 503},
      {"127.0.0.1", "/healthz", http::Method::Get, false, 200},
      {"127.0.0.1", "/metrics", http::Method::Post, true, 405},
      {"127.0.0.1", "/", http::Method::Get, true, 404},
  };
  for (const Case& c : cases) {
    ready = c.ready;
    http::Request request;
    request.host = c.host;
    request.path = c.path;
    request.method = c.method;
    NoBody body;
    http::Response response;
    Task<void> task = ask(exchange.get(), &request, &body, &response);
    task.start();
    ASSERT_TRUE(task.done());
    EXPECT_EQ(response.head.status(), c.status) << c.host << c.path;
    EXPECT_FALSE(response.body.empty());
  }
}

}  // namespace
}  // namespace sallyport::server
