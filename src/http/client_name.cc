#include "http/client_name.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <string_view>

#include "base/encoding.h"

namespace sallyport::http {
namespace {

constexpr std::size_t kMaxName = 255;

std::optional<std::string> plain(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (text.empty() || text.size() > kMaxName || std::ranges::any_of(text, is_control) ||
      !is_utf8(text)) {
    return std::nullopt;
  }
  return std::string(text);
}

std::optional<std::string> subject_name(X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int found = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (found < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, found) >= 0) {
    return std::nullopt;
  }
  unsigned char* text = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, found)));
  if (size < 0) return std::nullopt;
  auto name = plain({reinterpret_cast<const char*>(text), static_cast<std::size_t>(size)});
  OPENSSL_free(text);
  return name;
}

int general_name_of(config::ClientName kind) {
  switch (kind) {
    case config::ClientName::SanEmail: return GEN_EMAIL;
    case config::ClientName::SanUri: return GEN_URI;
    default: return GEN_DNS;
  }
}

std::optional<std::string> alternative_name(X509* certificate, int type) {
  const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  std::optional<std::string> found;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != type) continue;
    if (found) return std::nullopt;
    const ASN1_IA5STRING* value = name->d.ia5;  // of email, DNS and URI alike
    found = plain({reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                   static_cast<std::size_t>(ASN1_STRING_length(value))});
    if (!found) return std::nullopt;
  }
  return found;
}

}  // namespace

std::optional<std::string> client_name(x509_st* certificate, config::ClientName kind) {
  if (certificate == nullptr) return std::nullopt;
  auto name = kind == config::ClientName::SubjectCn
                  ? subject_name(certificate)
                  : alternative_name(certificate, general_name_of(kind));
  ERR_clear_error();
  return name;
}

std::int64_t certificate_end_us(const x509_st* certificate) {
  std::tm end{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) {
    return 0;
  }
  return static_cast<std::int64_t>(::timegm(&end)) * 1'000'000;
}

}  // namespace sallyport::http
