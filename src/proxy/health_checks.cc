#include "proxy/health_checks.h"

#include <fmt/format.h>

#include <chrono>

#include "http/head_parser.h"
#include "http/response_head.h"

namespace sallyport::proxy {
namespace {

using http::IoStatus;

constexpr std::size_t kRead = 4 * 1024;
constexpr int kBestStatus = 200;
constexpr int kWorstStatus = 399;

std::int64_t in_us(std::chrono::milliseconds time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

std::string request_of(const Upstream& upstream, std::size_t endpoint) {
  const config::Upstream& settings = upstream.settings();
  const std::string& host =
      settings.host.empty() ? settings.endpoints[endpoint].host : settings.host;
  const bool v6 = settings.host.empty() && host.find(':') != std::string::npos;
  return fmt::format(
      "GET {} HTTP/1.1\r\nHost: {}{}{}\r\nUser-Agent: sallyport-health\r\nConnection: "
      "close\r\n\r\n",
      settings.health.path, v6 ? "[" : "", host, v6 ? "]" : "");
}

}  // namespace

HealthChecks::HealthChecks(const std::vector<std::unique_ptr<Upstream>>& upstreams,
                           http::ReadinessSource& sockets, const Clock& clock)
    : sockets_(sockets), clock_(clock) {
  for (const auto& upstream : upstreams) {
    if (upstream->settings().health.path.empty()) continue;
    for (std::size_t i = 0; i < upstream->size(); ++i) {
      auto& check = checks_.emplace_back(std::make_unique<Check>());
      check->upstream = upstream.get();
      check->endpoint = i;
    }
  }
}

HealthChecks::~HealthChecks() = default;

void HealthChecks::tick() {
  const std::int64_t now_us = clock_.monotonic_us();
  for (const auto& check : checks_) {
    if (!check->task.done()) {
      if (check->expired || now_us < check->deadline_us) continue;
      check->expired = true;
      if (check->link) check->link->wake_reader();
      if (check->link) check->link->wake_writer();
    } else if (now_us >= check->due_us) {
      const config::HealthCheck& settings = check->upstream->settings().health;
      check->due_us = now_us + in_us(settings.interval);
      check->deadline_us = now_us + in_us(settings.timeout);
      check->expired = false;
      check->task = run(check.get());
      check->task.start();
    }
  }
}

Task<void> HealthChecks::run(Check* check) {
  check->link = open_link(*check->upstream, check->endpoint, sockets_);
  const bool good = co_await ask(check);
  check->link.reset();
  check->upstream->note_check(check->endpoint, good);
}

Task<bool> HealthChecks::ask(Check* check) {
  Link* link = check->link.get();
  if (link == nullptr) co_return false;
  const Reason connected = co_await link->establish(&check->expired);
  if (connected != Reason::Ok) co_return false;
  const std::string request = request_of(*check->upstream, check->endpoint);
  std::string_view left = request;
  while (!left.empty()) {
    const http::IoResult result = link->write(left);
    if (result.status == IoStatus::Done) {
      left.remove_prefix(result.bytes);
      continue;
    }
    if (result.status != IoStatus::WantWrite) co_return false;
    co_await link->writable();
    if (check->expired) co_return false;
  }
  const config::Limits limits;
  http::HeadScanner scanner(limits);
  http::HeadFault fault;
  while (link->received().empty() || !scanner.scan(link->received(), fault)) {
    if (fault.reason != Reason::Ok || check->expired) co_return false;
    const http::IoResult result = link->fill(kRead);
    if (result.status == IoStatus::Done) continue;
    if (result.status != IoStatus::WantRead) co_return false;
    co_await link->readable();
  }
  http::ResponseHead head;
  const char* wrong =
      http::parse_response_head(link->received().substr(0, scanner.end()), http::Method::Get, head);
  co_return wrong == nullptr&& head.status >= kBestStatus&& head.status <= kWorstStatus;
}

}  // namespace sallyport::proxy
