// The client's side of TLS on a socket that does not block: one step at a time, the owner waits in
// between. One thread, on which SIGPIPE is blocked or ignored: OpenSSL writes to a peer that has
// gone. OpenSSL's errors come out as the Step's text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "messaging/connector.h"

namespace sallyport::messaging {

struct TlsStep {
  enum class Kind : std::uint8_t { Done, WantRead, WantWrite, Ended, Failed };
  Kind kind = Kind::Done;
  std::size_t bytes = 0;
  std::string text = {};  // of Failed
};

class TlsClient {
  struct State;

 public:
  // TLS 1.2 or 1.3. The socket stays the caller's and outlives this.
  static Result<std::unique_ptr<TlsClient>> make(int socket, const TlsPolicy& policy);
  explicit TlsClient(std::unique_ptr<State> state);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  TlsStep handshake();
  TlsStep read(std::span<char> buffer);
  TlsStep write(std::string_view bytes);

 private:
  TlsStep failed(int result);
  std::unique_ptr<State> state_;
};

}  // namespace sallyport::messaging
