#include "proxy/handler.h"

#include <algorithm>
#include <utility>

#include "proxy/proxy.h"

namespace sallyport::proxy {
namespace {

// The answer's body, and the end of its Forwarding. Made of the same store as coroutine frames.
class Source final : public http::BodySource {
 public:
  static void* operator new(std::size_t size) { return detail::take_frame(size); }
  static void operator delete(void* object, std::size_t size) { detail::give_frame(object, size); }

  Source(Proxy& proxy, Forwarding& forwarding) : proxy_(proxy), forwarding_(forwarding) {}
  ~Source() override { proxy_.give(&forwarding_); }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  std::string_view fields() const override { return forwarding_.fields(); }
  std::optional<std::uint64_t> length() const override { return forwarding_.length(); }
  std::string_view ready() override { return forwarding_.ready(); }
  bool ended() const override { return forwarding_.ended(); }
  Task<std::expected<std::string_view, Reason>> next() override { return forwarding_.next(); }
  std::string_view trailers() const override { return forwarding_.trailers(); }

 private:
  Proxy& proxy_;
  Forwarding& forwarding_;
};

}  // namespace

ForwardHandler::ForwardHandler(Proxy& proxy, const config::Api& api, const config::Route& route,
                               std::vector<Choice> choices, std::uint64_t body_limit)
    : proxy_(proxy), rules_(api, route), choices_(std::move(choices)), body_limit_(body_limit) {
  several_ = std::ranges::any_of(choices_, [this](const Choice& one) {
    return one.live != choices_[0].live || one.test != choices_[0].test;
  });
  if (!several_) return;
  std::erase_if(choices_, [this](const Choice& one) {
    if (!one.host.starts_with('*')) return false;
    patterns_.push_back({one.host.substr(1), one.live, one.test});
    return true;
  });
  std::ranges::sort(choices_, {}, &Choice::host);
  std::ranges::sort(patterns_, {}, &Choice::host);
}

// As the router understands a host: one that is written out comes before a pattern.
const ForwardHandler::Choice* ForwardHandler::choice(std::string_view host) const {
  if (!several_) return choices_.empty() ? nullptr : choices_.data();
  const auto find = [](const std::vector<Choice>& among, std::string_view name) {
    const auto at = std::ranges::lower_bound(among, name, {}, &Choice::host);
    return at != among.end() && at->host == name ? &*at : nullptr;
  };
  if (const Choice* found = find(choices_, host)) return found;
  return find(patterns_, host.substr(std::min(host.find('.'), host.size())));
}

Task<Result<http::Response>> ForwardHandler::handle(const http::Request& request,
                                                    const Caller& caller, http::BodyReader& body) {
  Order order{&request, &caller, &body, &rules_, nullptr, body_limit_};
  if (const Choice* chosen = choice(request.host)) {
    order.pool = caller.environment == Environment::Test ? chosen->test : chosen->live;
  }
  return forward(order);
}

Task<Result<http::Response>> ForwardHandler::forward(Order order) {
  http::Response response;
  if (order.pool == nullptr || !has_target(rules_, *order.request)) {
    response.reason = order.pool == nullptr ? Reason::UpstreamEjected : Reason::NotCanonical;
    co_return response;
  }
  Forwarding* forwarding = proxy_.take();
  response.source = std::make_unique<Source>(proxy_, *forwarding);
  const Reason reason = co_await forwarding->run(order);
  if (reason != Reason::Ok) {
    response.source.reset();
    response.reason = reason;
    co_return response;
  }
  const int status = forwarding->status();
  response.head.set_status(status);
  if (status >= 400) {
    response.reason = status >= 500 ? Reason::UpstreamServerError : Reason::UpstreamClientError;
  }
  co_return response;
}

}  // namespace sallyport::proxy
