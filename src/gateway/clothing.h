// From a refusal to its bytes: the classic profile as clients of Mashery-fronted APIs know it, the
// modern one as RFC 9457 problems. The decision is made elsewhere; here it only gets dressed.
// Pure, on the connection's worker.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gateway/filter.h"
#include "gateway/router.h"
#include "http/request.h"
#include "http/response.h"
#include "limit/rule.h"

namespace sallyport::gateway {

// For whom it is dressed. Everything may be missing: a head may have been refused before its host
// was known, and then it is classic.
struct Wearer {
  const VirtualHost* host = nullptr;
  const http::Request* request = nullptr;
  std::string_view request_id;
  std::string_view allow;                           // of a 405
  const Route* route = nullptr;                     // when it is known
  std::span<const limit::Standing> standings = {};  // of a 429
};

http::Response dress(const Refusal& refusal, const Wearer& wearer);
// 422: the rule that a new password breaks.
http::Response dress_password_rule(std::string_view rule, const Wearer& wearer);

// The fields that are on every answer, unless the handler has set its own.
void add_security_fields(http::Head& head);

std::string xml_escaped(std::string_view text);

// The page behind a modern problem's `type`; empty: no such problem.
std::string problem_page(std::string_view problem);
inline constexpr std::string_view kProblemsSegment = "problems";

}  // namespace sallyport::gateway
