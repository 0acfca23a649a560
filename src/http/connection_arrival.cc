// A connection before its first byte of TLS or HTTP: what a balancer says of the client, and
// whether the client has room for one more.
#include <array>
#include <chrono>
#include <utility>

#include "http/connection.h"
#include "http/connection_ready.h"
#include "http/forwarded.h"
#include "http/proxy_protocol.h"

namespace sallyport::http {

Task<bool> Connection::read_announcement() {
  if (!peer_.announced) co_return true;
  deadline(context_.limits.handshake_timeout);
  ProxyHeaderReader reader;
  std::array<char, 512> piece;
  for (auto state = ProxyHeaderReader::State::More; state != ProxyHeaderReader::State::Done;) {
    const IoResult result = stream_.peek(piece);
    if (result.status == IoStatus::Done) {
      std::size_t taken = 0;
      state = reader.feed({piece.data(), result.bytes}, taken);
      stream_.skip(taken);
      if (state == ProxyHeaderReader::State::Malformed) co_return false;
    } else if (result.status == IoStatus::Closed || result.status == IoStatus::Fault) {
      co_return false;
    } else {
      co_await ready(result.status);
      if (expired_) co_return false;
    }
  }
  deadline_us_ = 0;
  const ProxyHeader& header = reader.header();
  if (header.client) {
    peer_.address = *header.client;
    peer_.port = header.client_port;
  }
  // A balancer that ends TLS says whether there was any.
  if (peer_.transport == Transport::Trusted && header.tls && !*header.tls) {
    peer_.transport = Transport::Refused;
  }
  co_return true;
}

// A balancer's own address stands for all of its clients and is not counted.
bool Connection::admit() {
  if (context_.sources == nullptr) return true;
  const bool speaks_for_others = (peer_.transport == Transport::Trusted && !peer_.announced) ||
                                 is_in(context_.trusted_proxies, peer_.address);
  if (speaks_for_others) return true;
  counted_ = context_.sources->enter(peer_.address);
  return counted_;
}

// Only of a peer that is listed; from anybody else these fields are only fields.
HeadFault Connection::believe_proxy() {
  const ForwardedClient told = forwarded_client(request_.fields, context_.trusted_proxies);
  if (told.ambiguous) {
    return {Reason::MalformedHead, "Forwarded, X-Forwarded-*: malformed, or not the same"};
  }
  if (told.client) {
    request_.client = *told.client;
    request_.client_port = 0;
  }
  if (told.tls && !*told.tls) request_.transport = Transport::Refused;
  return {};
}

}  // namespace sallyport::http
