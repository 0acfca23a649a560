#include "server/telemetry_entry.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sallyport::server {
namespace {

http::Response plain(int status, std::string body, Reason reason) {
  http::Response response;
  response.head.set_status(status);
  response.head.add("Content-Type", "text/plain; charset=utf-8");
  response.head.add("Cache-Control", "no-store");
  response.body = std::move(body);
  response.reason = reason;
  return response;
}

class TelemetryExchange final : public http::Exchange {
 public:
  TelemetryExchange(const telemetry::Metrics& metrics, const std::atomic<bool>& ready,
                    const std::vector<std::string>& hosts)
      : metrics_(metrics), ready_(ready), hosts_(hosts) {}

  Task<http::Response> answer(http::Request& request, http::BodyReader&) override {
    return give(decide(request));
  }

  http::Response refuse(const http::BrokenHead& broken) override {
    http::Response response = plain(400, "bad request\n", broken.reason);
    response.close = true;
    return response;
  }

  void finish(const http::Outcome&) override {}

 private:
  static Task<http::Response> give(http::Response response) { co_return response; }

  http::Response decide(const http::Request& request) const {
    if (std::ranges::find(hosts_, request.host) == hosts_.end()) {
      return plain(421, "this listener is not published under that host\n", Reason::Misdirected);
    }
    if (request.method != http::Method::Get && request.method != http::Method::Head) {
      http::Response response = plain(405, "GET only\n", Reason::MethodNotAllowed);
      response.head.add("Allow", "GET, HEAD");
      return response;
    }
    if (request.path == "/healthz") return plain(200, "ok\n", Reason::Ok);
    if (request.path == "/readyz") {
      return ready_ ? plain(200, "ready\n", Reason::Ok)
                    : plain(503, "not ready\n", Reason::ShuttingDown);
    }
    if (request.path != "/metrics") return plain(404, "not found\n", Reason::NoRoute);
    http::Response response;
    response.head.add("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    response.body = metrics_.render();
    return response;
  }

  const telemetry::Metrics& metrics_;
  const std::atomic<bool>& ready_;
  const std::vector<std::string>& hosts_;
};

}  // namespace

TelemetryEntry::TelemetryEntry(const telemetry::Metrics& metrics, const std::atomic<bool>& ready,
                               std::vector<std::string> hosts)
    : metrics_(metrics), ready_(ready), hosts_(std::move(hosts)) {
  for (const char* loopback : {"localhost", "127.0.0.1", "[::1]"}) hosts_.emplace_back(loopback);
}

std::unique_ptr<http::Exchange> TelemetryEntry::open() {
  return std::make_unique<TelemetryExchange>(metrics_, ready_, hosts_);
}

}  // namespace sallyport::server
