#include "http/tls_context.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "support/test_certificate.h"

namespace sallyport::http {
namespace {

TEST(TlsContext, LoadsAPairAndNamesWhatIsWrongWithAnother) {
  const std::string folder = testing::TempDir() + "tls_context_test";
  const std::string other = testing::TempDir() + "tls_context_test_other";
  test::write_certificate(folder);
  test::write_certificate(other);
  const std::string certificate = folder + "/cert.pem";
  const std::string key = folder + "/key.pem";
  EXPECT_TRUE(TlsContext::load(certificate, key));

  auto message = [](const std::string& a, const std::string& b) {
    auto loaded = TlsContext::load(a, b);
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

}  // namespace
}  // namespace sallyport::http
