// What the configuration limits and what requests cost; part of config/config.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/limits.h"

namespace sallyport::config {

// What one of many may do: each user, each source network.
struct EachLimits {
  sallyport::Limits limits;  // rates only
  bool shadow = false;       // counted and reported, not enforced
  std::uint8_t ipv4_prefix = 32;
  std::uint8_t ipv6_prefix = 64;
};

// "messages.create 5" or "GET,POST /reports/** 10".
struct CostRule {
  std::string operation;
  std::vector<std::string> methods;
  std::string pattern;
  std::uint32_t cost = 1;
};

struct Cost {
  std::vector<CostRule> rules;
  std::vector<std::string> free_methods;  // HEAD, OPTIONS
  std::string field;                      // of the answer, lower case; empty = none
};

struct Thresholds {
  std::vector<std::uint8_t> quota_events{80, 100};  // percent of a quota
  std::uint32_t pool = 16'384;                      // users and source networks counted at a time
};

}  // namespace sallyport::config
