#include "http/tls_context.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>

#include "support/test_certificate.h"
#include "support/test_tls.h"

namespace sallyport::http {
namespace {

TEST(TlsContext, LoadsAPairAndNamesWhatIsWrongWithAnother) {
  const std::string folder = testing::TempDir() + std::to_string(::getpid()) + "-tls_context_test";
  const std::string other =
      testing::TempDir() + std::to_string(::getpid()) + "-tls_context_test_other";
  test::write_certificate(folder);
  test::write_certificate(other);
  const std::string certificate = folder + "/cert.pem";
  const std::string key = folder + "/key.pem";
  EXPECT_TRUE(test::load_tls(certificate, key));

  auto message = [](const std::string& a, const std::string& b) {
    auto loaded = test::load_tls(a, b);
    return loaded ? std::string("loaded") : loaded.error().message;
  };
  EXPECT_NE(message(folder + "/none.pem", key).find("certificate"), std::string::npos);
  EXPECT_NE(message(certificate, folder + "/none.pem").find("No such file"), std::string::npos);
  EXPECT_NE(message(certificate, other + "/key.pem").find("key"), std::string::npos)
      << "a key of another certificate";
  ::chmod(key.c_str(), 0644);
  EXPECT_NE(message(certificate, key).find("chmod 600"), std::string::npos);
  ::chmod(key.c_str(), 0600);
  std::ofstream(key) << "garbled";
  EXPECT_NE(message(certificate, key), "loaded");
}

TEST(TlsContext, AKeyWithAPassphraseIsAnErrorAndNoQuestion) {
  const std::string folder =
      testing::TempDir() + std::to_string(::getpid()) + "-tls_context_test_passphrase";
  test::write_certificate(folder);
  const std::string key = folder + "/key.pem";
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> secret(EVP_EC_gen("P-256"), EVP_PKEY_free);
  std::FILE* file = std::fopen(key.c_str(), "w");
  ASSERT_NE(file, nullptr);
  unsigned char phrase[] = "phrase";
  ASSERT_EQ(PEM_write_PKCS8PrivateKey(file, secret.get(), EVP_aes_256_cbc(),
                                      reinterpret_cast<char*>(phrase), 6, nullptr, nullptr),
            1);
  std::fclose(file);
  const auto loaded = test::load_tls(folder + "/cert.pem", key);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find("has a passphrase"), std::string::npos)
      << loaded.error().message;
}

// What a client's certificate was worth, depends on who is asked, by whom, and what names the user.
TEST(TlsContext, KnowsWhetherClientsAreTheSame) {
  const std::string folder =
      testing::TempDir() + std::to_string(::getpid()) + "-tls_context_test_clients";
  const std::string other = folder + "-other";
  test::write_certificate(folder);
  test::write_certificate(other);
  const auto loaded = [&](std::vector<TlsHost> hosts) {
    auto context = test::load_tls(folder + "/cert.pem", folder + "/key.pem", hosts);
    EXPECT_TRUE(context);
    return *context;
  };
  config::HostTls asking;
  asking.client_certificates = config::ClientCertificates::Optional;
  asking.client_ca = folder + "/cert.pem";
  config::HostTls elsewhere = asking;
  elsewhere.client_ca = other + "/cert.pem";
  config::HostTls renamed = asking;
  renamed.client_name = config::ClientName::SanEmail;
  const auto before = loaded({{"a", asking}, {"b", {}}, {"c", asking}});
  EXPECT_TRUE(before->same_clients(*loaded({{"c", asking}, {"a", asking}})));
  EXPECT_FALSE(before->same_clients(*loaded({{"a", asking}, {"c", elsewhere}})));
  EXPECT_FALSE(before->same_clients(*loaded({{"a", asking}, {"c", renamed}})));
  EXPECT_FALSE(before->same_clients(*loaded({{"a", asking}})));
  EXPECT_FALSE(before->same_clients(*loaded({})));
}

}  // namespace
}  // namespace sallyport::http
