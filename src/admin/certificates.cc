#include "admin/certificates.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>
#include <span>

namespace sallyport::admin {
namespace {

constexpr long kDays = 397;  // what browsers accept at most
constexpr long kDaySeconds = 24L * 3600;

struct FreeAll {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
  void operator()(BIO* bio) const { BIO_free_all(bio); }
  void operator()(BIGNUM* number) const { BN_free(number); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeAll>;

struct Extension {
  int nid;
  const char* value;
};

// RFC 5280 4.2.1.10: the constraint "local.test" covers every name below it.
constexpr Extension kAuthority[] = {
    {NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
    {NID_key_usage, "critical,keyCertSign,cRLSign"},
    {NID_name_constraints,
     "critical,permitted;DNS:localhost,permitted;DNS:local.test,"
     "permitted;IP:127.0.0.1/255.255.255.255"},
    {NID_subject_key_identifier, "hash"},
};
constexpr Extension kServer[] = {
    {NID_basic_constraints, "critical,CA:FALSE"},
    {NID_key_usage, "critical,digitalSignature"},
    {NID_ext_key_usage, "serverAuth"},
    {NID_subject_alt_name, "DNS:localhost,DNS:api.local.test,IP:127.0.0.1"},
    {NID_subject_key_identifier, "hash"},
    {NID_authority_key_identifier, "keyid:always"},
};

Owned<X509> make_certificate(const char* name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key,
                             std::span<const Extension> extensions) {
  Owned<X509> made(X509_new());
  X509* x509 = made.get();
  X509_set_version(x509, X509_VERSION_3);
  const Owned<BIGNUM> serial(BN_new());
  BN_rand(serial.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY);
  BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(x509));
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), kDays * kDaySeconds);
  X509_NAME* subject = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(x509, issuer == nullptr ? subject : X509_get_subject_name(issuer));
  X509_set_pubkey(x509, key);
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer == nullptr ? x509 : issuer, x509, nullptr, nullptr, 0);
  for (const Extension& one : extensions) {
    const Owned<X509_EXTENSION> extension(
        X509V3_EXT_conf_nid(nullptr, &context, one.nid, one.value));
    if (extension == nullptr || X509_add_ext(x509, extension.get(), -1) != 1) return nullptr;
  }
  if (X509_sign(x509, issuer_key, EVP_sha256()) == 0) return nullptr;
  return made;
}

std::string pem_of(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
  const Owned<BIO> bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  return pem_of(bio.get());
}

}  // namespace

Result<DemoCertificates> make_demo_certificates() {
  const Owned<EVP_PKEY> authority_key(EVP_EC_gen("P-256"));
  const Owned<EVP_PKEY> server_key(EVP_EC_gen("P-256"));
  if (authority_key == nullptr || server_key == nullptr) {
    return fail(ErrorKind::Internal, "certificates: no key could be made");
  }
  const Owned<X509> authority = make_certificate("Sallyport demo authority", authority_key.get(),
                                                 nullptr, authority_key.get(), kAuthority);
  const Owned<X509> server = authority == nullptr
                                 ? nullptr
                                 : make_certificate("localhost", server_key.get(), authority.get(),
                                                    authority_key.get(), kServer);
  if (server == nullptr) {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    return fail(ErrorKind::Internal,
                std::string("certificates: ") + (reason == nullptr ? "not made" : reason));
  }
  DemoCertificates made;
  made.authority_pem = pem_of(authority.get());
  made.server_pem = pem_of(server.get()) + made.authority_pem;
  const Owned<BIO> bio(BIO_new(BIO_s_secmem()));
  PEM_write_bio_PrivateKey(bio.get(), server_key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  made.server_key_pem = pem_of(bio.get());
  return made;
}

}  // namespace sallyport::admin
