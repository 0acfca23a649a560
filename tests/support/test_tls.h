// A TLS context of one certificate, with ticket keys that live as long as the test program.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "http/tls_context.h"

namespace sallyport::test {

inline http::TicketKeys& ticket_keys() {
  static const SystemClock clock;
  static SystemRandom random;
  static http::TicketKeys keys(clock, random);
  return keys;
}

inline Result<std::shared_ptr<http::TlsContext>> load_tls(
    const std::string& certificate, const std::string& key,
    const std::vector<http::TlsHost>& hosts = {}) {
  return http::TlsContext::load({certificate, key, ""}, hosts, ticket_keys());
}

}  // namespace sallyport::test
