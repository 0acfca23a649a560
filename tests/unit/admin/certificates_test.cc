#include "admin/certificates.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace sallyport::admin {
namespace {

using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

Certificate read(const std::string& pem) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  return {PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free};
}

// Whether the authority vouches for the leaf as a server of that name.
bool verifies(const std::string& leaf, const std::string& authority, const char* name) {
  const Certificate server = read(leaf), root = read(authority);
  const std::unique_ptr<X509_STORE, void (*)(X509_STORE*)> store(X509_STORE_new(), X509_STORE_free);
  X509_STORE_add_cert(store.get(), root.get());
  const std::unique_ptr<X509_STORE_CTX, void (*)(X509_STORE_CTX*)> context(X509_STORE_CTX_new(),
                                                                           X509_STORE_CTX_free);
  X509_STORE_CTX_init(context.get(), store.get(), server.get(), nullptr);
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  if (name[0] >= '0' && name[0] <= '9') {
    X509_VERIFY_PARAM_set1_ip_asc(parameters, name);
  } else {
    X509_VERIFY_PARAM_set1_host(parameters, name, 0);
  }
  return X509_verify_cert(context.get()) == 1;
}

TEST(DemoCertificates, VouchForLoopbackNamesOnly) {
  const auto made = make_demo_certificates();
  ASSERT_TRUE(made) << made.error().message;
  for (const char* name : {"localhost", "api.local.test", "127.0.0.1"}) {
    EXPECT_TRUE(verifies(made->server_pem, made->authority_pem, name)) << name;
  }
  EXPECT_FALSE(verifies(made->server_pem, made->authority_pem, "example.com"));
  EXPECT_FALSE(verifies(made->server_pem, made->authority_pem, "127.0.0.2"));
  const Certificate authority = read(made->authority_pem);
  EXPECT_GE(X509_get_ext_by_NID(authority.get(), NID_name_constraints, -1), 0);
  EXPECT_NE(made->server_key_pem.find("PRIVATE KEY"), std::string::npos);
}

TEST(DemoCertificates, AreNewEachTime) {
  const auto one = make_demo_certificates();
  const auto other = make_demo_certificates();
  ASSERT_TRUE(one && other);
  EXPECT_FALSE(verifies(one->server_pem, other->authority_pem, "localhost"));
}

}  // namespace
}  // namespace sallyport::admin
