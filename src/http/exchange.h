// The parties of a request on a connection. Entry and Exchange: what a connection hands requests to
// (the gateway). Handler: what answers behind the doors. BodyReader: the request's body on demand.
// All run on the connection's worker; a Task resumes there.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "base/caller.h"
#include "base/result.h"
#include "base/task.h"
#include "http/request.h"
#include "http/response.h"

namespace sallyport::http {

// Why a body could not be had: TooLarge -> 413, Timeout -> 408, Malformed -> 400, Gone: nobody
// there.
enum class BodyFault : std::uint8_t { TooLarge, Timeout, Malformed, Gone };
using BodyPiece = std::expected<std::string_view, BodyFault>;

class BodyReader {
 public:
  virtual ~BodyReader() = default;
  // The whole body, at most `limit` bytes; answers "Expect: 100-continue" first. Once.
  virtual Task<std::expected<std::string, BodyFault>> read_all(std::size_t limit) = 0;

  // The body as it comes, in place of read_all(): the next piece, which holds until the next call;
  // empty at the end. Answers "Expect: 100-continue" first, unless the answer has begun. Nothing is
  // read ahead of the one who asks, so whoever is slow slows the client down. A reader without
  // these has no body to give in this way.
  virtual Task<BodyPiece> next() { co_return std::unexpected(BodyFault::Gone); }
  // What has arrived together with the head, without a wait and without a 100.
  virtual BodyPiece arrived() { return std::string_view(); }
  virtual bool ended() const { return true; }  // nothing is left to read
  // A next() under way is never resumed: its task can be destroyed. The rest of the body stays
  // with the connection.
  virtual void forget() {}
  virtual std::string_view trailers() const { return {}; }  // "name: value\r\n"; once ended()
};

class Handler {
 public:
  virtual ~Handler() = default;
  // The request, the caller and the reader outlive the task. An Error becomes 503 or 500.
  virtual Task<Result<Response>> handle(const Request& request, const Caller& caller,
                                        BodyReader& body) = 0;
};

// What the access log is told at the end of every request, also of one that never had a head.
struct Outcome {
  int status = 0;
  Reason reason = Reason::Ok;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::int64_t end_us = 0;  // monotonic
};

// What could be learned of a request whose head was refused before it was canonical.
struct BrokenHead {
  Reason reason = Reason::MalformedHead;
  std::string_view detail;  // a short fixed text for the log, never the client's bytes
  IpAddress client;
  std::string_view request_id;
  std::string_view host;  // when known, else empty
  Transport transport = Transport::Tls;
  std::size_t target_length = 0;
  std::size_t head_bytes = 0;
  std::int64_t arrival_us = 0;
};

// One per connection, used for its requests one after the other, so that a warm request allocates
// nothing here. Each answer() or refuse() is followed by exactly one finish().
class Exchange {
 public:
  virtual ~Exchange() = default;
  // Runs the doors and the handler. Never fails: what goes wrong is an answer.
  virtual Task<Response> answer(Request& request, BodyReader& body) = 0;
  virtual Response refuse(const BrokenHead& broken) = 0;
  // The answer has been written, or could not be: log and count it.
  virtual void finish(const Outcome& outcome) = 0;
};

// One per worker, called on its thread only.
class Entry {
 public:
  virtual ~Entry() = default;
  virtual std::unique_ptr<Exchange> open() = 0;
};

}  // namespace sallyport::http
