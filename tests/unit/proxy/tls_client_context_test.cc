#include "proxy/tls_client_context.h"

#include <gtest/gtest.h>

namespace sallyport::proxy {
namespace {

// Handshakes with real servers are in tests/integration/proxy.

TEST(TlsClientContext, NamesTheFileThatIsNotRight) {
  for (const auto& [settings, file] :
       {std::pair(config::UpstreamTls{"/nowhere/ca.pem", "", "", ""}, "/nowhere/ca.pem"),
        std::pair(config::UpstreamTls{"", "", "/nowhere/cert.pem", "/nowhere/key.pem"},
                  "/nowhere/cert.pem")}) {
    const auto loaded = TlsClientContext::load(settings);
    ASSERT_FALSE(loaded);
    EXPECT_NE(loaded.error().message.find(file), std::string::npos) << loaded.error().message;
  }
}

TEST(TlsClientContext, TheSystemsAuthoritiesAreThere) {
  const auto loaded = TlsClientContext::load({});
  ASSERT_TRUE(loaded);
  EXPECT_NE((*loaded)->connect(0, "orders.internal"), nullptr);
  EXPECT_NE((*loaded)->connect(0, "127.0.0.1"), nullptr);
}

}  // namespace
}  // namespace sallyport::proxy
