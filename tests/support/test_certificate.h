// A self-signed certificate and its key as PEM files in a folder, for TLS tests.
#pragma once

#include <string>

namespace sallyport::test {

// Writes `folder`/cert.pem and `folder`/key.pem (0600): EC P-256, CN and SAN localhost.
void write_certificate(const std::string& folder);

}  // namespace sallyport::test
