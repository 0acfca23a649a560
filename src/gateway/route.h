// One route as a router has it. Part of a Router, immutable with it; any worker.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "access/pattern.h"
#include "access/rule.h"
#include "config/config.h"
#include "http/exchange.h"

namespace sallyport::gateway {

// What the doors answer themselves, without a handler.
enum class DoorAnswer : std::uint8_t {
  None,
  Whoami,
  IssueToken,
  VerifyToken,
  PublishKeys,
  ChangePassword
};

struct Route {
  static constexpr std::size_t kNoSegment = SIZE_MAX;
  access::Pattern pattern;
  http::Method method = http::Method::Get;
  std::string operation;
  std::size_t operation_index = access::Catalog::kNone;
  std::size_t workspace_segment = kNoSegment;  // none: the default workspace
  DoorAnswer answer = DoorAnswer::None;  // then it is about the caller: nobody needs a right to it
  config::Access access;
  http::Handler* handler = nullptr;
  config::KeptInPath keep;
  std::vector<std::string> overrides;  // lower case; fields whose method is believed

  bool about_caller() const { return answer != DoorAnswer::None; }
};

}  // namespace sallyport::gateway
