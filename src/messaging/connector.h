// A byte stream to another machine, as channels speak over it; made by a Connector. The real one is
// channels/net_connector, tests script theirs. Everything on the delivery loop; every wait ends at
// its deadline (monotonic microseconds), with an Error. A stream whose call failed is only to be
// closed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"

namespace sallyport::messaging {

struct TlsPolicy {
  std::string host;     // the name for SNI, and for the certificate when it is verified
  std::string ca_file;  // empty = the system's authorities
  bool verify = true;
};

class Stream {
 public:
  virtual ~Stream() = default;  // closes
  // At least one byte; 0 when the peer has ended its side. The buffer outlives the task.
  virtual Task<Result<std::size_t>> read_some(std::span<char> buffer, std::int64_t deadline_us) = 0;
  virtual Task<Result<void>> write_all(std::string_view bytes, std::int64_t deadline_us) = 0;
  // The client's handshake, and all that follows inside TLS.
  virtual Task<Result<void>> start_tls(TlsPolicy policy, std::int64_t deadline_us) = 0;
  virtual void close() = 0;
};

class Connector {
 public:
  virtual ~Connector() = default;
  virtual Task<Result<std::unique_ptr<Stream>>> connect(std::string host, std::uint16_t port,
                                                        std::int64_t deadline_us) = 0;
};

// Accepts connections as long as it lives.
class Acceptor {
 public:
  virtual ~Acceptor() = default;
  virtual std::uint16_t port() const = 0;
};

}  // namespace sallyport::messaging
