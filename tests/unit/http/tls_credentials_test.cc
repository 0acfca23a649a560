#include "http/tls_credentials.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <fstream>
#include <memory>

#include "support/test_certificate.h"

namespace sallyport::http {
namespace {

using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

std::string strength(EVP_PKEY* key, const EVP_MD* hash, bool self_signed = false) {
  const Key issuer(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate certificate(X509_new(), X509_free);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("a"), -1, -1, 0);
  X509_set_pubkey(certificate.get(), key);
  if (self_signed)
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  EXPECT_GT(X509_sign(certificate.get(), self_signed ? key : issuer.get(), hash), 0);
  const auto checked = check_strength(certificate.get(), "a.pem");
  return checked ? "strong" : checked.error().message;
}

TEST(TlsCredentials, WeakOnesAreNamed) {
  const Key ec(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Key rsa(EVP_RSA_gen(2048), EVP_PKEY_free);
  const Key weak(EVP_RSA_gen(1024), EVP_PKEY_free);
  EXPECT_EQ(strength(ec.get(), EVP_sha256()), "strong");
  EXPECT_EQ(strength(rsa.get(), EVP_sha256()), "strong");
  EXPECT_NE(strength(weak.get(), EVP_sha256()).find("112 bits"), std::string::npos);
  EXPECT_NE(strength(ec.get(), EVP_sha1()).find("weak hash"), std::string::npos);
  EXPECT_NE(strength(ec.get(), EVP_sha1(), true).find("weak hash"), std::string::npos);
  EXPECT_EQ(strength(ec.get(), EVP_sha256(), true), "strong");
}

TEST(TlsCredentials, FilesThatDoNotDo) {
  const std::string folder =
      testing::TempDir() + std::to_string(::getpid()) + "-tls_credentials_test";
  test::write_certificate(folder);
  const std::string garbled = folder + "/garbled";
  std::ofstream(garbled) << "garbled";
  auto context = make_server_context({folder + "/cert.pem", folder + "/key.pem", ""});
  ASSERT_TRUE(context) << context.error().message;
  X509* certificate = SSL_CTX_get0_certificate(context->get());
  for (const std::string& path : {garbled, folder + "/none", folder + "/cert.pem"}) {
    const auto staple = load_staple(path, certificate);
    ASSERT_FALSE(staple) << path;
    EXPECT_NE(staple.error().message.find(path), std::string::npos);
  }
  for (const std::string& path : {garbled, folder + "/none", folder + "/key.pem"}) {
    const auto trusted = trust_clients(context->get(), path);
    ASSERT_FALSE(trusted) << path;
    EXPECT_NE(trusted.error().message.find(path), std::string::npos);
  }
  EXPECT_TRUE(trust_clients(context->get(), folder + "/cert.pem"));
}

}  // namespace
}  // namespace sallyport::http
