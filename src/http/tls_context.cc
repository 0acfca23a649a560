#include "http/tls_context.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

#include <array>
#include <cstring>
#include <map>
#include <unordered_map>
#include <utility>

#include "base/crypto.h"
#include "base/encoding.h"
#include "http/client_name.h"

namespace sallyport::http {
namespace {

constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// One virtual host as a hello finds it.
struct HostEntry {
  SSL_CTX* context = nullptr;  // owned by the table
  int verify = SSL_VERIFY_NONE;
  Digest session_context{};
};

// Hangs on each SSL_CTX of a listener, so that it lives as long as any connection needs it.
struct Shared {
  TicketKeys* tickets = nullptr;
  config::ClientName client_name = config::ClientName::SubjectCn;
  Staple staple;
};

struct HostTable {
  std::vector<SslContextHandle> contexts;
  std::unordered_map<std::string, HostEntry> hosts;

  const HostEntry* find(const std::string& name) const {
    if (const auto exact = hosts.find(name); exact != hosts.end()) return &exact->second;
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos || dot == 0) return nullptr;
    const auto wild = hosts.find("*" + name.substr(dot));
    return wild == hosts.end() ? nullptr : &wild->second;
  }
};

template <class T>
void free_attached(void*, void* attached, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<T*>(attached);
}

int shared_index() {
  static const int kIndex =
      SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_attached<Shared>);
  return kIndex;
}
int table_index() {
  static const int kIndex =
      SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_attached<HostTable>);
  return kIndex;
}

const Shared& shared_of(const SSL_CTX* context) {
  return *static_cast<const Shared*>(SSL_CTX_get_ex_data(context, shared_index()));
}

// RFC 7301: a client that offers protocols must offer ours; one that offers none gets HTTP/1.1.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, kHttp11, sizeof kHttp11, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

// Before anything else of the hello is looked at, a ticket included: which host it is for. The
// session id context is set for every host, since tickets are opened with keys that all share.
int choose_host(SSL* ssl, int*, void* argument) {
  const auto& table = *static_cast<const HostTable*>(argument);
  const unsigned char* content = nullptr;
  std::size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &content, &size) != 1) {
    return SSL_CLIENT_HELLO_SUCCESS;
  }
  const HostEntry* host = table.find(server_name_in({content, size}));
  if (host == nullptr) return SSL_CLIENT_HELLO_SUCCESS;
  if (host->context != nullptr) SSL_set_SSL_CTX(ssl, host->context);
  SSL_set_verify(ssl, host->verify, nullptr);
  SSL_set_session_id_context(ssl, host->session_context.data(),
                             static_cast<unsigned>(host->session_context.size()));
  return SSL_CLIENT_HELLO_SUCCESS;
}

// Keeps the server name in the session: of one of TLS 1.2 that is resumed, the library knows no
// other.
int keep_name(SSL*, int*, void*) { return SSL_TLSEXT_ERR_OK; }

// RFC 5077 4: the key's name, then the state in AES-256-CBC under HMAC-SHA256.
int seal_ticket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                EVP_MAC_CTX* mac, int sealing) {
  static EVP_CIPHER* const kCipher = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
  TicketKeys& keys = *shared_of(SSL_get_SSL_CTX(ssl)).tickets;
  TicketKey key;
  bool is_current = true;
  if (sealing != 0) {
    key = keys.current();
    std::memcpy(name, key.name.data(), key.name.size());
    SystemRandom().fill({iv, static_cast<std::size_t>(EVP_CIPHER_get_iv_length(kCipher))});
  } else {
    const auto found = keys.find(std::span<const std::uint8_t, 16>(name, 16), is_current);
    if (!found) return 0;  // a full handshake
    key = *found;
  }
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  const int begun = sealing != 0
                        ? EVP_EncryptInit_ex2(cipher, kCipher, key.cipher.data(), iv, nullptr)
                        : EVP_DecryptInit_ex2(cipher, kCipher, key.cipher.data(), iv, nullptr);
  if (EVP_MAC_CTX_set_params(mac, parameters) != 1 || begun != 1) return -1;
  return is_current ? 1 : 2;
}

// RFC 6066 8: only while it is good; the client asks the authority itself otherwise.
int give_staple(SSL* ssl, void*) {
  const Shared& shared = shared_of(SSL_get_SSL_CTX(ssl));
  const Staple& staple = shared.staple;
  const std::int64_t now_s = shared.tickets->clock().unix_us() / 1'000'000;
  const bool good =
      !staple.der.empty() && (staple.good_until_s == 0 || now_s < staple.good_until_s);
  void* copy = good ? OPENSSL_memdup(staple.der.data(), staple.der.size()) : nullptr;
  if (copy == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_tlsext_status_ocsp_resp(ssl, copy, static_cast<long>(staple.der.size()));
  return SSL_TLSEXT_ERR_OK;
}

int verify_of(config::ClientCertificates wanted) {
  switch (wanted) {
    case config::ClientCertificates::Off: return SSL_VERIFY_NONE;
    case config::ClientCertificates::Optional: return SSL_VERIFY_PEER;
    case config::ClientCertificates::Required: break;
  }
  return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}

// What a session must not be taken out of: host, authorities, mode, and what names the user.
Digest session_context(const std::string& host, const config::HostTls& settings,
                       const std::string& authorities) {
  std::string text;
  for (const std::string& part :
       {host, authorities, std::to_string(static_cast<int>(settings.client_certificates)),
        std::to_string(static_cast<int>(settings.client_name))}) {
    text += fmt::format("{}:{}", part.size(), part);
  }
  return sha256(text);
}

struct Made {
  SslContextHandle context;
  std::string authorities;
};

Result<Made> make(const TlsFiles& files, const config::HostTls& settings, TicketKeys& tickets) {
  auto context = make_server_context(files);
  if (!context) return std::unexpected(context.error());
  Made made{std::move(*context), {}};
  SSL_CTX* raw = made.context.get();
  auto shared = std::make_unique<Shared>();
  shared->tickets = &tickets;
  shared->client_name = settings.client_name;
  if (!files.ocsp_response.empty()) {
    auto staple = load_staple(files.ocsp_response, SSL_CTX_get0_certificate(raw));
    if (!staple) return std::unexpected(staple.error());
    shared->staple = std::move(*staple);
    SSL_CTX_set_tlsext_status_cb(raw, give_staple);
  }
  if (settings.client_certificates != config::ClientCertificates::Off) {
    auto trusted = trust_clients(raw, settings.client_ca);
    if (!trusted) return std::unexpected(trusted.error());
    made.authorities = std::move(*trusted);
  }
  SSL_CTX_set_ex_data(raw, shared_index(), shared.release());
  SSL_CTX_set_tlsext_servername_callback(raw, keep_name);
  SSL_CTX_set_alpn_select_cb(raw, choose_protocol, nullptr);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(raw, seal_ticket);
  SSL_CTX_set_num_tickets(raw, 1);
  SSL_CTX_set_timeout(raw, static_cast<long>(TicketKeys::kTicketLifetime_s));
  const Digest nobody = session_context("", {}, "");
  SSL_CTX_set_session_id_context(raw, nobody.data(), static_cast<unsigned>(nobody.size()));
  return made;
}

}  // namespace

void FreeSsl::operator()(ssl_st* ssl) const { SSL_free(ssl); }

std::string server_name_in(std::span<const std::uint8_t> extension) {
  const auto number = [&extension](std::size_t at) {
    return static_cast<std::size_t>(extension[at]) << 8U | extension[at + 1];
  };
  // A list of one name of type 0; what else there might be was never defined.
  if (extension.size() < 6 || number(0) + 2 != extension.size() || extension[2] != 0 ||
      number(3) + 5 != extension.size()) {
    return {};
  }
  std::string name = ascii_lower(
      std::string_view(reinterpret_cast<const char*>(extension.data()) + 5, extension.size() - 5));
  if (name.ends_with('.')) name.pop_back();
  return name;
}

Result<std::shared_ptr<TlsContext>> TlsContext::load(const TlsFiles& fallback,
                                                     const std::vector<TlsHost>& hosts,
                                                     TicketKeys& tickets) {
  auto base = make(fallback, {}, tickets);
  if (!base) return std::unexpected(base.error());
  SSL_CTX* raw = base->context.get();
  auto table = std::make_unique<HostTable>();
  std::vector<std::pair<config::HostTls, std::size_t>> known;  // equal settings share a context
  std::vector<std::string> authorities;
  std::map<std::string, Digest> asking;  // in one order, whatever the file's is
  for (const TlsHost& host : hosts) {
    HostEntry entry;
    std::string authority;
    if (host.settings != config::HostTls{}) {
      std::size_t index = 0;
      while (index < known.size() && known[index].first != host.settings) ++index;
      if (index == known.size()) {
        const bool own = !host.settings.certificate.empty();
        const TlsFiles files = own ? TlsFiles{host.settings.certificate, host.settings.key,
                                              host.settings.ocsp_response}
                                   : fallback;
        auto made = make(files, host.settings, tickets);
        if (!made) {
          return fail(made.error().kind,
                      fmt::format("host {}: {}", host.name, made.error().message));
        }
        table->contexts.push_back(std::move(made->context));
        authorities.push_back(std::move(made->authorities));
        known.emplace_back(host.settings, index);
      }
      entry.context = table->contexts[index].get();
      entry.verify = verify_of(host.settings.client_certificates);
      authority = authorities[index];
    }
    entry.session_context = session_context(host.name, host.settings, authority);
    if (entry.verify != SSL_VERIFY_NONE) asking.emplace(host.name, entry.session_context);
    table->hosts.emplace(host.name, entry);
  }
  SSL_CTX_set_client_hello_cb(raw, choose_host, table.get());
  SSL_CTX_set_ex_data(raw, table_index(), table.release());
  std::string clients;
  for (const auto& [name, digest] : asking) clients.append(digest.begin(), digest.end());
  return std::make_shared<TlsContext>(Private{}, std::move(base->context), sha256(clients));
}

SslHandle TlsContext::accept(int socket) const {
  SslHandle ssl(SSL_new(context_.get()));
  SALLYPORT_CHECK(ssl != nullptr && SSL_set_fd(ssl.get(), socket) == 1);
  SSL_set_accept_state(ssl.get());
  return ssl;
}

bool TlsContext::has_verified_client(const SslHandle& ssl) {
  return SSL_get0_peer_certificate(ssl.get()) != nullptr &&
         SSL_get_verify_result(ssl.get()) == X509_V_OK;
}

std::optional<std::string> TlsContext::client_name_of(const SslHandle& ssl) {
  return client_name(SSL_get0_peer_certificate(ssl.get()),
                     shared_of(SSL_get_SSL_CTX(ssl.get())).client_name);
}

std::int64_t TlsContext::client_end_us_of(const SslHandle& ssl) {
  return certificate_end_us(SSL_get0_peer_certificate(ssl.get()));
}

}  // namespace sallyport::http
