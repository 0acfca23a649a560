#include "proxy/link.h"

#include <optional>

#include "unit/proxy/proxy_fixture.h"

namespace sallyport::proxy {
namespace {

Task<void> establish(Link* link, const bool* expired, std::optional<Reason>* result) {
  *result = co_await link->establish(expired);
}

class LinkTest : public ProxyTest {
 protected:
  std::unique_ptr<Link> connected() {
    auto link = pool->open(0);
    EXPECT_NE(link, nullptr);
    task = establish(link.get(), &expired, &result);
    task.start();
    until([this] { return result.has_value(); });
    until([this] { return played.accept(); });
    return link;
  }
  bool expired = false;
  std::optional<Reason> result;
  Task<void> task;
};

TEST_F(LinkTest, ConnectsReadsAndWrites) {
  open();
  auto link = connected();
  EXPECT_EQ(result, Reason::Ok);
  EXPECT_EQ(link->write("hello").bytes, 5U);
  until([this] { return played.received() == "hello"; });
  EXPECT_EQ(link->fill(1).status, http::IoStatus::WantRead);
  EXPECT_TRUE(link->is_quiet());
  played.send("abcdef");
  until([&] { return link->fill(1).status == http::IoStatus::Done; });
  EXPECT_EQ(link->received(), "abcdef");
  link->consume(4);
  EXPECT_EQ(link->received(), "ef");
  EXPECT_FALSE(link->is_quiet());
  played.send(std::string(20'000, 'x'));
  until([&] {
    link->fill(16'384);
    return link->received().size() == 20'002;
  });
  EXPECT_TRUE(link->received().starts_with("efxx")) << "what was there moved with the buffer";
}

TEST_F(LinkTest, NobodyListens) {
  settings.endpoints[0].port = 1;
  open();
  auto link = pool->open(0);
  ASSERT_NE(link, nullptr);
  task = establish(link.get(), &expired, &result);
  task.start();
  until([this] { return result.has_value(); });
  EXPECT_EQ(result, Reason::UpstreamRefused);
}

TEST_F(LinkTest, WhoeverIsWokenTooLateSaysSo) {
  settings.endpoints[0].host = "192.0.2.1";  // documentation's: nothing answers
  open();
  auto link = pool->open(0);
  if (link == nullptr) GTEST_SKIP() << "no route at all";
  task = establish(link.get(), &expired, &result);
  task.start();
  expired = true;
  link->wake_writer();
  EXPECT_TRUE(result == Reason::UpstreamRefused || result == Reason::UpstreamTooSlow);
}

TEST_F(LinkTest, AClosedOneIsNotQuiet) {
  open();
  auto link = connected();
  played.close_last();
  EXPECT_FALSE(link->is_quiet());
  EXPECT_TRUE(link->received().empty());
}

}  // namespace
}  // namespace sallyport::proxy
