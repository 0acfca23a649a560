// What answers a route that leads to upstreams: picks the upstream of the host and the key's
// environment, forwards, and hands the answer on as it comes. Owned by the worker's Proxy, on its
// thread. A request that gets no answer is a Response with the reason alone: the doors have the
// words.
#pragma once

#include <string>
#include <vector>

#include "http/exchange.h"
#include "proxy/forwarding.h"
#include "proxy/pool.h"
#include "proxy/request_head.h"

namespace sallyport::proxy {

class Proxy;

class ForwardHandler final : public http::Handler {
 public:
  struct Choice {
    std::string host;  // lower case, or a pattern like "*.example.com"
    Pool* live = nullptr;
    Pool* test = nullptr;
  };
  // All outlive it.
  ForwardHandler(Proxy& proxy, const config::Api& api, const config::Route& route,
                 std::vector<Choice> choices, std::uint64_t body_limit);

  Task<Result<http::Response>> handle(const http::Request& request, const Caller& caller,
                                      http::BodyReader& body) override;

 private:
  Task<Result<http::Response>> forward(Order order);
  const Choice* choice(std::string_view host) const;

  Proxy& proxy_;
  ForwardRules rules_;
  // Of several upstreams: both sorted, the patterns without their asterisk. Of one: it is in front.
  std::vector<Choice> choices_;
  std::vector<Choice> patterns_;
  bool several_ = false;
  std::uint64_t body_limit_;
};

}  // namespace sallyport::proxy
