#include "messaging/channels/lmtp_server.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "support/manual_loop.h"
#include "unit/messaging/fake_store.h"

namespace sallyport::messaging::test {
namespace {

// What a mail server says, all at once; what it hears is kept.
class Said final : public Stream {
 public:
  Said(std::string input, std::string* heard) : input_(std::move(input)), heard_(heard) {}
  Task<Result<std::size_t>> read_some(std::span<char> buffer, std::int64_t) override {
    const std::size_t size = std::min(buffer.size(), input_.size());
    std::ranges::copy(std::string_view(input_).substr(0, size), buffer.begin());
    input_.erase(0, size);
    co_return size;
  }
  Task<Result<void>> write_all(std::string_view bytes, std::int64_t) override {
    heard_->append(bytes);
    co_return Result<void>();
  }
  Task<Result<void>> start_tls(TlsPolicy, std::int64_t) override { co_return Result<void>(); }
  void close() override {}

 private:
  std::string input_;
  std::string* heard_;
};

constexpr const char* kBounce =
    "Content-Type: multipart/report\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n"
    "Reporting-MTA: dns; x\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"
    "Diagnostic-Code: smtp; 550 gone\r\n\r\n..a dot\r\n--x--\r\n.\r\n";

class LmtpTest : public testing::Test {
 protected:
  LmtpTest() {
    Message& message = store_.messages[kId];
    message.id = kId;
    Recipient& one = message.recipients.emplace_back();
    one.index = 1;
    one.state = DeliveryState::Sent;
  }
  std::string talk(const std::string& input) {
    std::string heard;
    server_.take(std::make_unique<Said>(input, &heard));
    loop_.run_all();
    EXPECT_EQ(server_.sessions(), 0U);
    return heard;
  }
  std::string to() const { return bounce_address({kId, 1}, "b.example", key()); }
  static Secret key() { return Secret(std::string(32, 'k')); }

  static constexpr MessageId kId{3, 4};
  ManualClock clock_;
  sallyport::test::ManualLoop loop_{clock_};
  FakeStore store_;
  LmtpServer server_{"b.example", key(), store_, loop_, clock_};
};

TEST_F(LmtpTest, ABounceFailsItsRecipient) {
  const std::string heard =
      talk("LHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<" + to() + ">\r\nDATA\r\n" + kBounce + "QUIT\r\n");
  EXPECT_NE(heard.find("354 "), std::string::npos);
  EXPECT_TRUE(heard.ends_with("250 2.0.0 ok\r\n221 2.0.0 bye\r\n")) << heard;
  const Recipient& one = store_.messages.at(kId).recipients[0];
  EXPECT_EQ(one.state, DeliveryState::Failed);
  EXPECT_EQ(one.last_code, 550);
  EXPECT_EQ(one.last_text, "bounced: 550 gone");
}

TEST_F(LmtpTest, OnlyAddressesThatWeMadeAreTaken) {
  const std::string heard = talk(
      "LHLO mx\r\nRCPT TO:<a@b>\r\nMAIL FROM:<>\r\nRCPT TO:<root@b.example>\r\nDATA\r\n"
      "EHLO x\r\nNOPE\r\nRSET\r\nNOOP\r\n");
  EXPECT_NE(heard.find("503 5.5.1 MAIL first"), std::string::npos);
  EXPECT_NE(heard.find("550 5.1.1 nobody"), std::string::npos);
  EXPECT_NE(heard.find("503 5.5.1 no valid recipients"), std::string::npos);
  EXPECT_NE(heard.find("500 5.5.1 this is LMTP"), std::string::npos);
  EXPECT_TRUE(store_.updates.empty());
}

TEST_F(LmtpTest, WhatIsNoReportIsTakenAndForgotten) {
  const std::string heard = talk("LHLO mx\r\nMAIL FROM:<x@y>\r\nRCPT TO:<" + to() +
                                 ">\r\nDATA\r\nSubject: away\r\n\r\non holiday\r\n.\r\n");
  EXPECT_TRUE(heard.ends_with("250 2.0.0 ok\r\n"));
  EXPECT_TRUE(store_.updates.empty());
}

TEST_F(LmtpTest, WhatCannotBeStoredIsNotTaken) {
  store_.failing_writes = 1;
  const std::string heard = talk("MAIL FROM:<>\r\nRCPT TO:<" + to() + ">\r\nDATA\r\n" + kBounce);
  EXPECT_TRUE(heard.ends_with("451 4.3.0 try again later\r\n")) << heard;
}

TEST_F(LmtpTest, ALineWithoutAnEndEndsTheSession) {
  const std::string heard = talk(std::string(10'000, 'x'));
  EXPECT_EQ(heard, "220 sallyport LMTP\r\n");
}

}  // namespace
}  // namespace sallyport::messaging::test
