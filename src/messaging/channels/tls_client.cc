#include "messaging/channels/tls_client.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

#include "base/net.h"

namespace sallyport::messaging {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

std::string library_error() {
  const unsigned long code = ERR_get_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? "TLS failed" : std::string("TLS: ") + reason;
}

Result<Context> make_context(const TlsPolicy& policy) {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_client_method()));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    return fail(ErrorKind::Internal, library_error());
  }
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context.get(), policy.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (!policy.verify) return context;
  const int loaded = policy.ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                            : SSL_CTX_load_verify_locations(
                                                  context.get(), policy.ca_file.c_str(), nullptr);
  if (loaded != 1) return fail(ErrorKind::Unavailable, "the authorities of TLS cannot be read");
  return context;
}

// The name that the certificate must have, and the one that is sent (RFC 6066 3: no addresses).
bool set_name(SSL* session, const TlsPolicy& policy) {
  if (IpAddress::parse(policy.host)) {
    return !policy.verify ||
           X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), policy.host.c_str()) == 1;
  }
  if (SSL_set_tlsext_host_name(session, policy.host.c_str()) != 1) return false;
  SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return !policy.verify || SSL_set1_host(session, policy.host.c_str()) == 1;
}

}  // namespace

struct TlsClient::State {
  std::unique_ptr<SSL, FreeSession> session;
};

TlsClient::TlsClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsClient::~TlsClient() = default;

Result<std::unique_ptr<TlsClient>> TlsClient::make(int socket, const TlsPolicy& policy) {
  auto context = make_context(policy);
  if (!context) return std::unexpected(context.error());
  auto state = std::make_unique<State>();
  state->session.reset(SSL_new(context->get()));  // holds the context from here on
  SSL* session = state->session.get();
  if (session == nullptr || SSL_set_fd(session, socket) != 1 || !set_name(session, policy)) {
    return fail(ErrorKind::Internal, library_error());
  }
  SSL_set_connect_state(session);
  return std::make_unique<TlsClient>(std::move(state));
}

TlsStep TlsClient::failed(int result) {
  using Kind = TlsStep::Kind;
  const int system_error = errno;
  switch (SSL_get_error(state_->session.get(), result)) {
    case SSL_ERROR_WANT_READ: return {.kind = Kind::WantRead};
    case SSL_ERROR_WANT_WRITE: return {.kind = Kind::WantWrite};
    case SSL_ERROR_ZERO_RETURN: return {.kind = Kind::Ended};
    case SSL_ERROR_SYSCALL:
      ERR_clear_error();
      return {.kind = Kind::Failed,
              .text = system_error == 0 ? "the connection was cut" : std::strerror(system_error)};
    default: break;
  }
  const long verdict = SSL_get_verify_result(state_->session.get());
  if (verdict != X509_V_OK && SSL_get_verify_mode(state_->session.get()) != SSL_VERIFY_NONE) {
    ERR_clear_error();
    return {.kind = Kind::Failed,
            .text = std::string("the certificate: ") + X509_verify_cert_error_string(verdict)};
  }
  return {.kind = Kind::Failed, .text = library_error()};
}

TlsStep TlsClient::handshake() {
  ERR_clear_error();
  errno = 0;
  const int result = SSL_do_handshake(state_->session.get());
  return result == 1 ? TlsStep{} : failed(result);
}

TlsStep TlsClient::read(std::span<char> buffer) {
  ERR_clear_error();
  errno = 0;
  const auto most = static_cast<int>(std::min<std::size_t>(buffer.size(), INT_MAX));
  const int result = SSL_read(state_->session.get(), buffer.data(), most);
  return result > 0 ? TlsStep{.bytes = static_cast<std::size_t>(result)} : failed(result);
}

TlsStep TlsClient::write(std::string_view bytes) {
  ERR_clear_error();
  errno = 0;
  const auto most = static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX));
  const int result = SSL_write(state_->session.get(), bytes.data(), most);
  return result > 0 ? TlsStep{.bytes = static_cast<std::size_t>(result)} : failed(result);
}

}  // namespace sallyport::messaging
