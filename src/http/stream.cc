#include "http/stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/encoding.h"

namespace sallyport::http {
namespace {

IoResult system_result(ssize_t bytes, IoStatus when_blocked) {
  if (bytes > 0) return {IoStatus::Done, static_cast<std::size_t>(bytes)};
  if (bytes == 0) return {IoStatus::Closed, 0};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {when_blocked, 0};
  return {IoStatus::Fault, 0};
}

long note_read(BIO* bio, int operation, const char*, std::size_t wanted, int, long, int result,
               std::size_t* got) {
  if (operation == (BIO_CB_READ | BIO_CB_RETURN)) {
    *reinterpret_cast<bool*>(BIO_get_callback_arg(bio)) =
        result <= 0 || got == nullptr || *got < wanted;
  }
  return result;
}

}  // namespace

Stream::Stream(int socket, const TlsContext* tls) : socket_(socket) {
  if (tls != nullptr) ssl_ = tls->accept(socket);
  watch_reads();
}

Stream::Stream(int socket, SslHandle ssl) : socket_(socket), ssl_(std::move(ssl)) { watch_reads(); }

// What the library reads ahead tells whether the socket has more, which SSL_read does not.
void Stream::watch_reads() {
  if (ssl_ == nullptr) return;
  BIO* bio = SSL_get_rbio(ssl_.get());
  BIO_set_callback_arg(bio, reinterpret_cast<char*>(&drained_));
  BIO_set_callback_ex(bio, note_read);
}

Stream::~Stream() {
  ssl_.reset();
  ::close(socket_);
}

IoResult Stream::tls_result(int result, std::size_t bytes) {
  if (result > 0) return {IoStatus::Done, bytes};
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_SSL && ERR_GET_REASON(ERR_peek_error()) > SSL_AD_REASON_OFFSET) {
    alerted_ = true;
  }
  ERR_clear_error();
  switch (error) {
    case SSL_ERROR_WANT_READ: return {IoStatus::WantRead, 0};
    case SSL_ERROR_WANT_WRITE: return {IoStatus::WantWrite, 0};
    case SSL_ERROR_ZERO_RETURN: return {IoStatus::Closed, 0};
    default: return {IoStatus::Fault, 0};
  }
}

IoResult Stream::handshake() {
  if (ssl_ == nullptr || handshaken_) return {IoStatus::Done, 1};
  // A TLS record begins with 0x16; a letter is somebody's plain request.
  if (SSL_is_server(ssl_.get()) == 1 && SSL_get_state(ssl_.get()) == TLS_ST_BEFORE) {
    char first = 0;
    const IoResult peeked = system_result(::recv(socket_, &first, 1, MSG_PEEK), IoStatus::WantRead);
    if (peeked.status != IoStatus::Done) return peeked;
    if ((first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z')) {
      ssl_.reset();
      spoke_http_ = true;
      return {IoStatus::Fault, 0};
    }
  }
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  handshaken_ = result == 1;
  return tls_result(result, 1);
}

std::string_view Stream::server_name() const {
  if (ssl_ == nullptr) return {};
  const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
  return name == nullptr ? std::string_view() : std::string_view(name);
}

VerifiedClient Stream::client() const {
  if (ssl_ == nullptr || !TlsContext::has_verified_client(ssl_)) return {};
  return {true, fold_username(TlsContext::client_name_of(ssl_).value_or("")).value_or(""),
          TlsContext::client_end_us_of(ssl_)};
}

IoResult Stream::peek(std::span<char> into) {
  return system_result(::recv(socket_, into.data(), into.size(), MSG_PEEK), IoStatus::WantRead);
}

void Stream::skip(std::size_t bytes) {
  char thrown_away[512];
  while (bytes > 0) {
    const ssize_t got = ::recv(socket_, thrown_away, std::min(bytes, sizeof thrown_away), 0);
    if (got <= 0) return;
    bytes -= static_cast<std::size_t>(got);
  }
}

bool Stream::has_pending() const { return ssl_ != nullptr && SSL_has_pending(ssl_.get()) == 1; }

IoResult Stream::read(std::span<char> into) {
  if (ssl_ == nullptr) {
    const IoResult result =
        system_result(::recv(socket_, into.data(), into.size(), 0), IoStatus::WantRead);
    // A stream socket gives less than it was asked for only when there is no more (epoll(7)).
    drained_ = result.status == IoStatus::WantRead ||
               (result.status == IoStatus::Done && result.bytes < into.size());
    return result;
  }
  ERR_clear_error();
  std::size_t bytes = 0;
  drained_ = false;  // stays so when the library had it all
  const int read = SSL_read_ex(ssl_.get(), into.data(), into.size(), &bytes);
  return tls_result(read, bytes);
}

IoResult Stream::write(std::string_view from) {
  if (ssl_ == nullptr) {
    return system_result(::send(socket_, from.data(), from.size(), MSG_NOSIGNAL),
                         IoStatus::WantWrite);
  }
  ERR_clear_error();
  std::size_t bytes = 0;
  const int result = SSL_write_ex(ssl_.get(), from.data(), from.size(), &bytes);
  return tls_result(result, bytes);
}

void Stream::shutdown_write() {
  if (ssl_ != nullptr && handshaken_) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  ::shutdown(socket_, SHUT_WR);
}

}  // namespace sallyport::http
