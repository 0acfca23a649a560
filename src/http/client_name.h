// Which user a verified client certificate names. A name is taken only when it cannot mean two
// things: one value of the configured kind, UTF-8, without NUL and control characters. Pure.
#pragma once

#include <optional>
#include <string>

#include "config/host_tls.h"

struct x509_st;

namespace sallyport::http {

std::optional<std::string> client_name(x509_st* certificate, config::ClientName kind);

// When it ends, in microseconds of wall clock; 0, long ago, when that cannot be read.
std::int64_t certificate_end_us(const x509_st* certificate);

}  // namespace sallyport::http
