#include "storage/sms_log.h"

#include <future>

#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

TEST(SmsLog, WritesAndReadsThroughTheStore) {
  const Directory directory;
  auto store = Store::create({.path = directory.file("sallyport.db"), .audit_key = audit_key()});
  ASSERT_TRUE(store);
  messaging::SmsStore& sms = (*store)->sms();
  const auto wait = [](auto call) {
    std::promise<Result<bool>> done;
    call([&done](Result<bool> result) { done.set_value(std::move(result)); });
    return done.get_future().get();
  };
  const auto stop = wait([&](auto done) {
    sms.sms_received({.source = "+61400400400", .text = "STOP", .time_us = 1}, std::move(done));
  });
  EXPECT_TRUE(stop && *stop);
  EXPECT_TRUE(sms.sms_dispatch(AccountId{1}, message_id(1), 1, "+61400400400").value().stopped);
  const auto accepted = wait([&](auto done) {
    sms.part_accepted({.message = message_id(1), .recipient = 1, .key = "1"}, std::move(done));
  });
  EXPECT_TRUE(accepted && !*accepted);
  EXPECT_TRUE(sms.sms_dispatch(AccountId{1}, message_id(1), 1, "").value().parts.empty())
      << "there is no such message";
  const auto reported = wait([&](auto done) {
    sms.part_reported({.id = "2", .keys = {"2"}, .time_us = 1}, std::move(done));
  });
  EXPECT_TRUE(reported && !*reported);
}

}  // namespace
}  // namespace sallyport::storage
