// One request on its way through an upstream that the test plays.
#pragma once

#include <optional>
#include <string>

#include "proxy/forwarding.h"
#include "unit/proxy/proxy_fixture.h"

namespace sallyport::proxy {

inline Task<void> drive(Forwarding* forwarding, Order order, std::optional<Reason>* reason) {
  *reason = co_await forwarding->run(order);
}

inline Task<void> read_on(Forwarding* forwarding, std::string* text, std::optional<Reason>* end) {
  *text += forwarding->ready();
  while (!forwarding->ended()) {
    const auto piece = co_await forwarding->next();
    if (!piece) {
      *end = piece.error();
      co_return;
    }
    *text += *piece;
  }
  *end = Reason::Ok;
}

class ForwardingTest : public ProxyTest {
 protected:
  ForwardingTest() {
    request.method = http::Method::Get;
    request.host = "api.test";
    request.path = "/x";
    request.request_id = "0123456789abcdef0123456789abcdef";
    request.client = *IpAddress::parse("192.0.2.1");
    route.retries = 1;
  }
  void begin() {
    if (!pool) open();
    rules.emplace(api, route);
    forwarding.emplace(clock);
    task = drive(&*forwarding, {&request, &caller, &body, &*rules, pool.get(), 1'000'000}, &reason);
    task.start();
    settle();
  }
  // The upstream has the whole head.
  std::string head_arrives() {
    until([this] { return played.accept() || played.accepted() > 0; });
    until([this] { return played.received().find("\r\n\r\n") != std::string::npos; });
    return played.received();
  }
  std::string read_body() {
    std::string text;
    reader = read_on(&*forwarding, &text, &end);
    reader.start();
    until([this] { return end.has_value(); });
    return text;
  }
  void post(http::Framing framing, std::uint64_t length) {
    request.method = http::Method::Post;
    request.framing = framing;
    request.content_length = length;
    body.complete = false;
  }

  http::Request request;
  Caller caller;
  GivenBody body;
  std::optional<ForwardRules> rules;
  std::optional<Forwarding> forwarding;
  std::optional<Reason> reason, end;
  Task<void> task, reader;
};

}  // namespace sallyport::proxy
