// One request on its way through an upstream: tries until an answer begins, then is the answer's
// body. The request's body goes up in a coroutine of its own, so that an answer is read while it is
// still being sent. Owned by the worker's Proxy and used for one request after the other, so that a
// warm one allocates nothing; on its worker.
#pragma once

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/caller.h"
#include "base/clock.h"
#include "base/reason.h"
#include "base/task.h"
#include "config/config.h"
#include "http/chunked.h"
#include "http/exchange.h"
#include "http/head_parser.h"
#include "http/response_head.h"
#include "proxy/assertion.h"
#include "proxy/link.h"
#include "proxy/pool.h"
#include "proxy/request_head.h"

namespace sallyport::proxy {

// What a request is forwarded with; all of it outlives the request.
struct Order {
  const http::Request* request = nullptr;
  const Caller* caller = nullptr;
  http::BodyReader* body = nullptr;
  const ForwardRules* rules = nullptr;
  Pool* pool = nullptr;
  std::uint64_t body_limit = 0;
};

class Forwarding {
 public:
  // `signer` of assertions; none: an upstream that wants one gets no request.
  explicit Forwarding(const Clock& clock, const AssertionSigner* signer = nullptr);

  // Until the head of an answer is there (Ok), or why there is none. Once, before the rest; then
  // finish() in any case.
  Task<Reason> run(Order order);
  int status() const { return head_.status; }
  // Gives up what is under way; a connection that is clean goes back to its pool.
  void finish();
  void tick(std::int64_t now_us);
  void abandon();  // its time is over at the next tick, whatever it waits for

  // The answer's body, see http::BodySource.
  std::string_view fields() const { return fields_; }
  std::optional<std::uint64_t> length() const;
  std::string_view ready();
  bool ended() const { return ended_; }
  Task<std::expected<std::string_view, Reason>> next();
  std::string_view trailers() const { return trailers_; }

 private:
  // How one try ended. `safe`: nothing that the upstream could have acted on, or that may be done
  // twice.
  struct Try {
    Reason reason = Reason::Ok;
    bool safe = false;
    bool stale = false;  // a kept connection that was closed meanwhile
  };

  Task<Try> attempt();
  Task<Reason> connect(std::size_t endpoint);
  Task<Try> converse();
  Task<Reason> read_head();
  Task<Reason> await_continue();
  Task<void> pump();
  void await_client();
  Task<bool> write_up(std::string_view bytes);
  Reason write_head();
  Reason first_bytes();
  void append_up(std::string& out, std::string_view piece);
  std::string_view take_body();
  void start_pump();
  void stop_pump();
  void prepare_answer();
  void release();
  void deadline(std::chrono::milliseconds after);
  bool may_repeat() const;

  const Clock& clock_;
  const AssertionSigner* const signer_;
  const config::Limits head_limits_;
  Order order_;
  std::unique_ptr<Link> link_;
  bool entered_ = false;                // the pool's breaker
  std::optional<std::size_t> counted_;  // the endpoint at which it is in flight
  std::optional<std::size_t> avoid_;
  bool fresh_only_ = false;

  std::string up_;  // head and first bytes of the request, for every try
  std::string up_piece_;
  std::uint64_t sent_ = 0;  // of the request's body, taken from the client
  Task<void> pump_;
  bool pumping_ = false;
  bool awaits_client_ = false;  // the next piece of the body is awaited, and no answer is there
  bool uploaded_ = false;       // all of the request has been written
  Reason upload_fault_ = Reason::Ok;  // the client's
  bool upload_broken_ = false;        // the upstream takes no more

  http::HeadScanner scanner_;
  http::ResponseHead head_;
  std::string fields_;
  http::ChunkedDecoder chunks_;
  std::string piece_;
  std::string trailers_;
  std::uint64_t left_ = 0;
  std::size_t head_bytes_ = 0;
  Reason broken_ = Reason::Ok;  // how the answer's body ended too early
  bool answered_ = false;
  bool ended_ = false;

  std::int64_t deadline_us_ = 0;
  std::int64_t give_up_us_ = 0;
  bool expired_ = false;
};

}  // namespace sallyport::proxy
