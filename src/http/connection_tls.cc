// A connection's TLS: the handshake, and what it has shown of the client.
#include "base/encoding.h"
#include "http/connection.h"
#include "http/connection_ready.h"

namespace sallyport::http {

Task<bool> Connection::handshake() {
  if (!stream_.is_tls()) co_return true;
  deadline(context_.limits.handshake_timeout);
  for (;;) {
    const IoResult result = stream_.handshake();
    if (result.status == IoStatus::Done) break;
    if (result.status == IoStatus::Closed || result.status == IoStatus::Fault) co_return false;
    note_blocked(result.status);
    co_await ready(result.status);
    if (expired_) co_return false;
  }
  deadline_us_ = 0;
  sni_ = ascii_lower(stream_.server_name());
  if (sni_.ends_with('.')) sni_.pop_back();
  client_ = stream_.client();
  co_return true;
}

void Connection::tell_client() {
  request_.client_verified = client_ && client_->verified && !distrusted_;
  if (!request_.client_verified) return;
  request_.certificate_user = client_->user;
  request_.certificate_until_us = client_->until_us;
}

// A handshake under way is finished, and its certificate not believed.
void Connection::distrust() {
  if (!stream_.is_tls() || (client_ && !client_->verified)) return;
  distrusted_ = true;
  fresh_ = fresh_ && !client_;
  drain();
}

}  // namespace sallyport::http
