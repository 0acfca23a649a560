// Why a request would be let in or not: each filter's answer and the rule behind it, going on past
// a refusal where that is possible. Asks what the filters ask, touches no counter, hashes nothing:
// a user who is named counts as proven. Control thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/reason.h"
#include "gateway/filter_chain.h"
#include "gateway/router.h"
#include "http/request.h"

namespace sallyport::gateway {

struct ExplainQuestion {
  http::Method method = http::Method::Get;
  std::string host;
  std::string target;           // path, with a query if wanted
  std::optional<KeyId> key_id;  // or:
  std::optional<std::string_view> key_text;
  std::optional<std::string> user;  // a name, or an id in 16 digits; none = key only
  IpAddress client = IpAddress::from_v4({127, 0, 0, 1});
};

struct ExplainedStep {
  enum class Result : std::uint8_t { Pass, Refuse, Unknown };
  std::string_view filter;  // "route", then the chain's names
  Result result = Result::Unknown;
  Reason reason = Reason::Ok;  // of a refusal
  std::string rule;            // for people, without secrets
};

std::vector<ExplainedStep> explain(const Router& router, const Doors& doors,
                                   const ExplainQuestion& question);
bool admitted(const std::vector<ExplainedStep>& steps);  // every step passes

}  // namespace sallyport::gateway
