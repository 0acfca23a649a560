#include "gateway/limit_fields.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "base/time_text.h"

namespace sallyport::gateway {
namespace {

using limit::Holder;
using limit::Standing;

// What is the caller's own, as its plan and key say it.
bool is_own(const Standing& standing) {
  return standing.holder == Holder::Subscription || standing.holder == Holder::Operation ||
         standing.holder == Holder::Key;
}

// Of several, the one that refuses first.
const Standing* tightest(std::span<const Standing> standings, bool quota) {
  const Standing* found = nullptr;
  for (const Standing& one : standings) {
    if (!is_own(one) || one.quota != quota || (!quota && one.window_s != 1)) continue;
    if (found == nullptr || one.remaining() < found->remaining()) found = &one;
  }
  return found;
}

void add_classic(http::Head& head, std::span<const Standing> standings) {
  if (const Standing* rate = tightest(standings, false)) {
    head.add("X-Plan-QPS-Allotted", fmt::format_int(rate->limit).str());
    head.add("X-Plan-QPS-Current", fmt::format_int(rate->used).str());
  }
  if (const Standing* quota = tightest(standings, true)) {
    head.add("X-Plan-Quota-Allotted", fmt::format_int(quota->limit).str());
    head.add("X-Plan-Quota-Current", fmt::format_int(quota->used).str());
    head.add("X-Plan-Quota-Reset", long_date(quota->resets_us));
  }
}

// "quota", "rate", "api-rate-600": a policy's name says whose it is and tells it from the others.
void append_name(std::string& out, const Standing& standing) {
  out += out.empty() ? "\"" : ", \"";
  if (standing.holder != Holder::Subscription) {
    out += limit::to_string(standing.holder);
    out += '-';
  }
  out += standing.quota ? "quota" : "rate";
  if (!standing.quota && standing.window_s != 1) {
    out += '-';
    out += fmt::format_int(standing.window_s).c_str();
  }
  out += '"';
}

void append(std::string& out, std::string_view name, std::int64_t value) {
  out += name;
  out += fmt::format_int(value).c_str();
}

void add_modern(http::Head& head, std::span<const Standing> standings) {
  if (standings.empty()) return;
  std::string policy;
  std::string limit;
  for (const Standing& one : standings) {
    append_name(policy, one);
    append(policy, ";q=", static_cast<std::int64_t>(one.limit));
    append(policy, ";w=", one.window_s);
    append_name(limit, one);
    append(limit, ";r=", static_cast<std::int64_t>(one.remaining()));
    append(limit, ";t=", one.reset_s);
  }
  head.add("RateLimit-Policy", policy);
  head.add("RateLimit", limit);
}

}  // namespace

void add_limit_fields(http::Head& head, config::Profile profile,
                      std::span<const Standing> standings) {
  if (profile == config::Profile::Modern) {
    add_modern(head, standings);
  } else {
    add_classic(head, standings);
  }
}

}  // namespace sallyport::gateway
