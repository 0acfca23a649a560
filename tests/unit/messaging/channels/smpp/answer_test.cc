#include "messaging/channels/smpp/answer.h"

#include <gtest/gtest.h>

namespace sallyport::messaging::test {
namespace {

TEST(SmppAnswer, WhatARefusalMeansAndHowItCounts) {
  using Kind = SmppAnswer::Kind;
  struct Case {
    std::uint32_t status;
    Kind kind;
  };
  const Case cases[] = {
      {0x00, Kind::Accepted},  {0x58, Kind::Throttled}, {0x14, Kind::Throttled},
      {0x08, Kind::Temporary}, {0x45, Kind::Temporary}, {0x64, Kind::Temporary},
      {0x04, Kind::Temporary}, {0x0A, Kind::Refused},   {0x0B, Kind::Refused},
      {0x0E, Kind::Refused},   {0x3FF, Kind::Refused},
  };
  SmppCounters counters;
  for (const Case& one : cases) {
    EXPECT_EQ(answer_kind(one.status), one.kind) << one.status;
    count_answer(counters, one.kind);
  }
  count_answer(counters, Kind::InDoubt);
  count_answer(counters, Kind::Away);
  EXPECT_EQ(counters.accepted, 1U);
  EXPECT_EQ(counters.throttled, 2U);
  EXPECT_EQ(counters.deferred, 4U);
  EXPECT_EQ(counters.refused, 4U);
  EXPECT_EQ(counters.in_doubt, 1U);
}

}  // namespace
}  // namespace sallyport::messaging::test
