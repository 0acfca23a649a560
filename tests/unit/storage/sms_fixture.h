// A database for the tests of SMS: messages that an SMSC has taken, receipts, and what people
// write.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "storage/entity_put.h"
#include "storage/message_reads.h"
#include "storage/message_rows.h"
#include "storage/sms_incoming_rows.h"
#include "storage/sms_rows.h"
#include "unit/storage/fixture.h"

namespace sallyport::storage {

using messaging::DeliveryState;
using messaging::IncomingSms;

inline constexpr std::int64_t kNow = 1'000'000'000;
inline const std::string kNumber = "+61400400400";

class SmsFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = open_schema(directory_);
    ASSERT_TRUE(write_entities(*database_, small_world()));
  }
  // A message with one SMS that an SMSC has taken under `keys`.
  void sent(std::uint64_t low, std::vector<std::string> keys, const std::string& number = kNumber,
            DeliveryState state = DeliveryState::Sent) {
    auto message = sample_message(low);
    message.recipients.resize(1);
    message.recipients[0].channel = messaging::ChannelKind::Sms;
    message.recipients[0].destination = number;
    message.recipients[0].state = state;
    ASSERT_TRUE(insert_message(*database_, message, {}));
    std::int32_t part = 0;
    for (const std::string& key : keys) {
      ASSERT_TRUE(accept(low, key, ++part, static_cast<std::int32_t>(keys.size()), number));
    }
  }
  Result<bool> accept(std::uint64_t low, const std::string& key, std::int32_t part = 1,
                      std::int32_t parts = 1, const std::string& number = kNumber,
                      bool late = false) {
    return accept_part(*database_, {.message = message_id(low),
                                    .recipient = 1,
                                    .account = sample_message(low).account,
                                    .part = part,
                                    .parts = parts,
                                    .smsc = "a",
                                    .key = key,
                                    .number = number,
                                    .time_us = kNow,
                                    .late = late});
  }
  bool report(std::vector<std::string> keys, bool delivered = true,
              std::vector<std::string> numbers = {kNumber}, const std::string& smsc = "a") {
    auto found = take_part_report(*database_, {.smsc = smsc,
                                               .id = keys.front(),
                                               .keys = keys,
                                               .numbers = std::move(numbers),
                                               .delivered = delivered,
                                               .word = delivered ? "DELIVRD" : "UNDELIV",
                                               .error = delivered ? 0 : 11,
                                               .time_us = kNow + 5});
    EXPECT_TRUE(found);
    return found.value_or(false);
  }
  messaging::Recipient recipient(std::uint64_t low) {
    auto message = load_message(*database_, message_id(low));
    EXPECT_TRUE(message && *message);
    return (*message)->recipients.at(0);
  }
  bool receive(std::string text, std::string destination = "61411222333",
               std::string source = kNumber) {
    auto taken = take_incoming(*database_, {.smsc = "a",
                                            .source = std::move(source),
                                            .destination = std::move(destination),
                                            .text = std::move(text),
                                            .time_us = kNow});
    EXPECT_TRUE(taken);
    return taken.value_or(false);
  }
  bool stopped(AccountId account, const std::string& number = kNumber) {
    auto dispatch = read_dispatch(*database_, account, message_id(99), 1, number);
    EXPECT_TRUE(dispatch);
    return dispatch && dispatch->stopped;
  }
  std::int64_t count(Sql sql) { return database_->integer(sql).value().value(); }

  Directory directory_;
  std::unique_ptr<Database> database_;
};

}  // namespace sallyport::storage
