// A fixture for commands on messages: an OperatorStore that answers from its members and notes what
// it was asked. One test, one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "messaging/operator_store.h"
#include "support/command_fixture.h"

namespace sallyport::test {

class FakeDesk final : public messaging::OperatorStore {
 public:
  Result<std::vector<messaging::QueueCount>> queue_counts() override {
    messaging::QueueCount one;
    one.account = AccountId{5};
    one.deferred = 4;
    return std::vector{one};
  }
  Result<std::vector<messaging::QueueRow>> queue_rows(
      const messaging::QueueFilter& wanted) override {
    filter = wanted;
    if (wanted.dead) return std::vector<messaging::QueueRow>();
    messaging::QueueRow row;
    row.message = MessageId{0xAAAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAA};
    row.recipient = 1;
    row.state = messaging::DeliveryState::Deferred;
    row.next_attempt_us = 1'000'000;
    row.domain = "example.com";
    return std::vector{row};
  }
  Result<std::int64_t> act(messaging::QueueAct what, const messaging::QueueFilter& wanted,
                           std::optional<MessageId> as, const Change& change) override {
    acted = what;
    filter = wanted;
    copy = as;
    record = change;
    return count;
  }
  Result<std::optional<messaging::Story>> story(MessageId id) override {
    if (!told || told->message.id != id) return std::nullopt;
    return told;
  }
  Result<std::vector<messaging::IncomingRow>> incoming(
      const messaging::SmsFilter& wanted) override {
    sms_filter = wanted;
    messaging::IncomingRow row;
    row.account = AccountId{5};
    row.answers = MessageId{0xAAAAAAAAAAAAAAAA, 0xAAAAAAAAAAAAAAAA};
    row.source = "+61400400400";
    row.destination = "61411222333";
    row.text = "Yes\nplease";
    row.received_us = 1'000'000;
    return std::vector{row};
  }
  Result<std::vector<messaging::StopRow>> stops(const messaging::SmsFilter& wanted) override {
    sms_filter = wanted;
    return std::vector<messaging::StopRow>{{AccountId{}, "+61400400400", 1'000'000}};
  }
  Result<std::vector<messaging::Message>> messages_to(const std::string& address) override {
    asked = address;
    return told ? std::vector{told->message} : std::vector<messaging::Message>();
  }
  Result<std::int64_t> erase_recipient(const std::string& address, const Change& change) override {
    asked = address;
    record = change;
    return count;
  }

  std::int64_t count = 2;
  std::optional<messaging::Story> told;
  std::optional<messaging::QueueAct> acted;
  messaging::QueueFilter filter;
  messaging::SmsFilter sms_filter;
  std::optional<MessageId> copy;
  Change record;
  std::string asked;
};

class MessageDesk : public CommandFixture {
 protected:
  MessageDesk() {
    admin::CommandServices more;
    more.clock = &clock;
    more.random = &random;
    more.messages = &desk;
    more.wake_scheduler = [this] { ++wakes; };
    commands = *admin::Commands::open(store, std::move(more));
  }
  FakeDesk desk;
  int wakes = 0;
};

}  // namespace sallyport::test
