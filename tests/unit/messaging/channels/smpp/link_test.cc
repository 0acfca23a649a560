#include "messaging/channels/smpp/link.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "support/manual_loop.h"
#include "unit/messaging/channels/smpp/scripted_smsc.h"

namespace sallyport::messaging::test {
namespace {

using Kind = SmppAnswer::Kind;
using namespace std::string_literals;

SubmitRequest request_to(std::string digits) {
  SubmitRequest request;
  request.destination = {1, 1, std::move(digits)};
  request.short_message = "hi";
  return request;
}

Task<void> drive(SmppLink* link, SubmitRequest request, std::vector<std::string>* late,
                 std::optional<SmppAnswer>* out) {
  SmppLink::OnLate on_late = [late](std::string id) { late->push_back(std::move(id)); };
  SmppAnswer answer = co_await link->submit(std::move(request), std::move(on_late));
  out->emplace(std::move(answer));
}

class SmppLinkTest : public testing::Test {
 protected:
  SmppLinkTest() {
    bind_.name = "one";
    bind_.host = "smsc.example.com";
    bind_.system_id = "sally";
    bind_.window = 2;
  }

  void start() {
    link_.emplace(bind_, Secret(std::string("pw")), smsc_, loop_, clock_, counters_,
                  [this](Delivered delivered, SmppLink::Reply reply) {
                    delivered_.push_back(std::move(delivered));
                    replies_.push_back(std::move(reply));
                  });
    link_->start();
    loop_.run_all();
  }
  struct Pending {
    std::optional<SmppAnswer> answer;
    Task<void> task;
  };
  std::unique_ptr<Pending> submit(std::string digits = "61400400400") {
    auto pending = std::make_unique<Pending>();
    pending->task = drive(&*link_, request_to(std::move(digits)), &late_, &pending->answer);
    pending->task.start();
    loop_.run_all();
    return pending;
  }

  SmppBind bind_;
  ManualClock clock_;
  sallyport::test::ManualLoop loop_{clock_};
  ScriptedSmsc smsc_;
  SmppCounters counters_;
  std::vector<std::string> late_;
  std::vector<Delivered> delivered_;
  std::vector<SmppLink::Reply> replies_;
  std::optional<SmppLink> link_;
};

TEST_F(SmppLinkTest, BindsAndSubmits) {
  start();
  ASSERT_TRUE(link_->bound());
  EXPECT_EQ(smsc_.received[0].body, "sally\0pw\0\0\x34\0\0\0"s);
  smsc_.submit_answers = {{kSmppOk, "id-1"}};
  auto one = submit();
  ASSERT_TRUE(one->answer);
  EXPECT_EQ(one->answer->kind, Kind::Accepted);
  EXPECT_EQ(one->answer->id, "id-1");
}

TEST_F(SmppLinkTest, KnowsWhatARefusalMeans) {
  start();
  const std::pair<std::uint32_t, Kind> cases[] = {{0x0B, Kind::Refused},
                                                  {0x66, Kind::Refused},
                                                  {0x400, Kind::Refused},
                                                  {kSmppSystemError, Kind::Temporary},
                                                  {kSmppTemporary, Kind::Temporary}};
  for (const auto& [status, kind] : cases) {
    smsc_.submit_answers = {{status, ""}};
    auto one = submit();
    ASSERT_TRUE(one->answer) << status;
    EXPECT_EQ(one->answer->kind, kind) << status;
    EXPECT_EQ(one->answer->status, status);
  }
}

TEST_F(SmppLinkTest, ThrottlingSlowsTheBind) {
  start();
  smsc_.submit_answers = {{kSmppThrottled, ""}, {kSmppOk, "a"}};
  EXPECT_EQ(submit()->answer->kind, Kind::Throttled);
  EXPECT_EQ(link_->room(), 0U);
  auto next = submit();
  EXPECT_FALSE(next->answer) << "waits";
  loop_.advance_us(999'000);
  EXPECT_FALSE(next->answer);
  loop_.advance_us(2'000);
  ASSERT_TRUE(next->answer);
  EXPECT_EQ(next->answer->kind, Kind::Accepted);
}

TEST_F(SmppLinkTest, KeepsAWindow) {
  start();
  smsc_.silent = true;
  auto one = submit("1");
  auto two = submit("2");
  auto three = submit("3");
  EXPECT_EQ(smsc_.submitted(), 2U);
  EXPECT_EQ(link_->room(), 0U);
  smsc_.answer_submit(0, kSmppOk, "x");
  loop_.run_all();
  EXPECT_EQ(one->answer->kind, Kind::Accepted);
  EXPECT_EQ(smsc_.submitted(), 3U);
}

TEST_F(SmppLinkTest, HasAPace) {
  bind_.per_second = 10;
  bind_.window = 10;
  start();
  smsc_.submit_answers.assign(3, {kSmppOk, "x"});
  auto one = submit();
  auto two = submit();
  EXPECT_TRUE(one->answer);
  EXPECT_FALSE(two->answer);
  loop_.advance_us(100'000);
  EXPECT_TRUE(two->answer);
}

TEST_F(SmppLinkTest, WhatWasSentAndNotAnsweredIsInDoubt) {
  start();
  smsc_.silent = true;
  auto one = submit();
  smsc_.drop();
  loop_.run_all();
  ASSERT_TRUE(one->answer);
  EXPECT_EQ(one->answer->kind, Kind::InDoubt);
  EXPECT_FALSE(link_->bound());
  loop_.advance_us(1'100'000);
  EXPECT_TRUE(link_->bound()) << "it comes back";
  auto two = submit();
  loop_.advance_us(31'000'000);
  ASSERT_TRUE(two->answer);
  EXPECT_EQ(two->answer->kind, Kind::InDoubt) << "no response in time";
  EXPECT_EQ(counters_.in_doubt, 2U);
}

TEST_F(SmppLinkTest, AResponseThatComesTooLateIsToldWhileTheConnectionLasts) {
  start();
  smsc_.silent = true;
  auto accepted = submit();
  auto refused = submit();
  loop_.advance_us(31'000'000);
  ASSERT_TRUE(accepted->answer && refused->answer);
  ASSERT_TRUE(link_->bound());
  smsc_.answer_submit(0, kSmppOk, "17");
  smsc_.answer_submit(0, kSmppOk, "17");
  smsc_.answer_submit(1, 0x0B, "");
  loop_.run_all();
  EXPECT_EQ(late_, (std::vector<std::string>{"17"}));
  auto lost = submit();
  loop_.advance_us(31'000'000);
  smsc_.drop();
  loop_.advance_us(1'100'000);
  smsc_.answer_submit(2, kSmppOk, "18");
  loop_.run_all();
  EXPECT_EQ(late_.size(), 1U) << "another connection has numbers of its own";
}

TEST_F(SmppLinkTest, Counts) {
  start();
  EXPECT_EQ(counters_.bound, 1);
  smsc_.submit_answers = {{kSmppOk, "1"}, {0x0B, ""}, {kSmppSystemError, ""}, {kSmppThrottled, ""}};
  for (int i = 0; i < 4; ++i) {
    submit();
    loop_.advance_us(100'000);
  }
  EXPECT_EQ(counters_.accepted, 1U);
  EXPECT_EQ(counters_.refused, 1U);
  EXPECT_EQ(counters_.deferred, 1U);
  EXPECT_EQ(counters_.throttled, 1U);
  EXPECT_EQ(counters_.window, 0);
  loop_.advance_us(2'000'000);
  smsc_.silent = true;
  auto waiting = submit();
  EXPECT_EQ(counters_.window, 1);
  smsc_.drop();
  loop_.run_all();
  EXPECT_EQ(counters_.bound, 0);
  EXPECT_EQ(counters_.window, 0);
  loop_.advance_us(1'100'000);
  EXPECT_EQ(counters_.binds, 2U);
}

TEST_F(SmppLinkTest, NothingIsSentWithoutABind) {
  smsc_.bind_status = 0x0E;
  start();
  EXPECT_FALSE(link_->bound());
  auto one = submit();
  loop_.advance_us(30'100'000);
  ASSERT_TRUE(one->answer);
  EXPECT_EQ(one->answer->kind, Kind::Away);
  EXPECT_EQ(smsc_.submitted(), 0U);
}

TEST_F(SmppLinkTest, HandsOnAndAnswersWhenTold) {
  start();
  smsc_.deliver(77, "\0\x01\x01"s + "614\0"s + "\0\0"s + "5\0"s + "\0\0\0\0\0\0\0\0\0\x02hi"s);
  loop_.run_all();
  ASSERT_EQ(delivered_.size(), 1U);
  EXPECT_EQ(delivered_[0].content, "hi");
  EXPECT_EQ(smsc_.count(SmppCommand::DeliverSmResp), 0U) << "not before it is told";
  replies_[0](kSmppOk);
  loop_.run_all();
  EXPECT_EQ(smsc_.count(SmppCommand::DeliverSmResp), 1U);
  EXPECT_EQ(smsc_.received.back().sequence, 77U);
}

TEST_F(SmppLinkTest, TakesNoMoreThanAThousandAtOnce) {
  start();
  const std::string body =
      "\0\x01\x01"s + "614\0"s + "\0\0"s + "5\0"s + "\0\0\0\0\0\0\0\0\0\x02hi"s;
  for (std::uint32_t i = 0; i < 1'001; ++i) smsc_.deliver(1'000 + i, body);
  loop_.run_all();
  EXPECT_EQ(delivered_.size(), 1'000U);
  ASSERT_EQ(smsc_.count(SmppCommand::DeliverSmResp), 1U);
  EXPECT_EQ(smsc_.received.back().status, kSmppTemporary);
  replies_[0](kSmppOk);
  smsc_.deliver(5'000, body);
  loop_.run_all();
  EXPECT_EQ(delivered_.size(), 1'001U) << "one was answered";
}

TEST_F(SmppLinkTest, AsksWhetherTheOtherSideLives) {
  start();
  smsc_.silent = true;
  loop_.advance_us(31'000'000);
  EXPECT_EQ(smsc_.count(SmppCommand::EnquireLink), 1U);
  loop_.advance_us(31'000'000);
  EXPECT_GE(smsc_.connections, 2U) << "nobody answered: a new connection";
}

TEST_F(SmppLinkTest, AnswersWhatItIsAskedAndRefusesTheRest) {
  start();
  smsc_.say({SmppCommand::EnquireLink, 0, 5, {}});
  smsc_.say({static_cast<SmppCommand>(0x00000103), 0, 6, {}});
  loop_.run_all();
  EXPECT_EQ(smsc_.count(SmppCommand::EnquireLinkResp), 1U);
  EXPECT_EQ(smsc_.count(SmppCommand::GenericNack), 1U);
  smsc_.say({SmppCommand::Unbind, 0, 7, {}});
  loop_.run_all();
  EXPECT_EQ(smsc_.count(SmppCommand::UnbindResp), 1U);
  EXPECT_FALSE(link_->bound());
}

TEST_F(SmppLinkTest, GarbageEndsTheConnection) {
  start();
  smsc_.say_bytes("\0\0\0\x01zzzz"s);
  loop_.run_all();
  EXPECT_FALSE(link_->bound());
}

}  // namespace
}  // namespace sallyport::messaging::test
