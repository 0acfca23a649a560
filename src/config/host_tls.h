// How a virtual host is reached over TLS: its own certificate, and whether clients prove who they
// are with one. Part of Config; values.
#pragma once

#include <cstdint>
#include <string>

namespace sallyport::config {

enum class ClientCertificates : std::uint8_t { Off, Optional, Required };
// What of a client's certificate is the user's name.
enum class ClientName : std::uint8_t { SubjectCn, SanEmail, SanDns, SanUri };

// Hosts with equal settings are one TLS configuration: a connection made for one serves the others.
struct HostTls {
  std::string certificate;    // PEM chain; empty = the listener's
  std::string key;            // PEM
  std::string ocsp_response;  // DER, stapled
  ClientCertificates client_certificates = ClientCertificates::Off;
  std::string client_ca;  // PEM, those that clients' certificates are verified with
  ClientName client_name = ClientName::SubjectCn;
  bool operator==(const HostTls&) const = default;
};

}  // namespace sallyport::config
