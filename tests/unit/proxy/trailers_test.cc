#include "proxy/trailers.h"

#include <gtest/gtest.h>

namespace sallyport::proxy {
namespace {

TEST(Trailers, PassUnlessTheySpeakForSomebodyElse) {
  std::string out;
  append_trailers(out,
                  "x-sum: 1\r\ncontent-length: 5\r\nx-sallyport-user: 1\r\nauthorization: x\r\n"
                  "x_forwarded_for: 1\r\nx-more: 2\r\n",
                  true);
  EXPECT_EQ(out, "x-sum: 1\r\nx-more: 2\r\n");
  out.clear();
  append_trailers(out, "x-sum: 1\r\nset-cookie: a\r\nx-error-code: 1\r\ntrailer: x\r\n", false);
  EXPECT_EQ(out, "x-sum: 1\r\n");
}

}  // namespace
}  // namespace sallyport::proxy
