#include "support/test_certificate.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cstdio>
#include <memory>

namespace sallyport::test {

void write_certificate(const std::string& folder) {
  ::mkdir(folder.c_str(), 0700);
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), X509_free);
  X509* x509 = certificate.get();
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 24L * 3600);
  X509_NAME* name = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
  X509_set_issuer_name(x509, name);
  X509_set_pubkey(x509, key.get());
  X509_EXTENSION* san =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
  X509_add_ext(x509, san, -1);
  X509_EXTENSION_free(san);
  ASSERT_GT(X509_sign(x509, key.get(), EVP_sha256()), 0);
  std::FILE* file = std::fopen((folder + "/cert.pem").c_str(), "w");
  ASSERT_NE(file, nullptr);
  PEM_write_X509(file, x509);
  std::fclose(file);
  file = std::fopen((folder + "/key.pem").c_str(), "w");
  ASSERT_NE(file, nullptr);
  PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  ::chmod((folder + "/key.pem").c_str(), 0600);
}

}  // namespace sallyport::test
