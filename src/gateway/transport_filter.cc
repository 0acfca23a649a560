#include "gateway/transport_filter.h"

#include <algorithm>

#include "base/encoding.h"
#include "gateway/request_context.h"

namespace sallyport::gateway {
namespace {

constexpr std::int64_t kMaintenanceRetry_s = 60;

bool is_safe(http::Method method) {
  return method == http::Method::Get || method == http::Method::Head ||
         method == http::Method::Options;
}

bool is_listed(const RequestContext& context, std::string_view origin) {
  const std::string normal = origin_of(origin);
  if (normal == context.match.host->origin) return true;
  const auto is_it = [&normal](const std::string& allowed) { return normal == origin_of(allowed); };
  const config::Api& api = context.api().settings;
  return std::ranges::any_of(api.allowed_origins, is_it) ||
         std::ranges::any_of(api.cors.origins, is_it);
}

// A browser tells where a request comes from; whoever is no browser sends neither field.
bool is_foreign(const RequestContext& context) {
  bool origin_seen = false;
  bool cross_site = false;
  for (const http::Field& field : context.request->fields) {
    if (field.name == "origin") {
      origin_seen = true;
      if (!is_listed(context, field.value)) return true;
    } else if (field.name == "sec-fetch-site") {
      cross_site = cross_site || equal_ascii_case(field.value, "cross-site");
    }
  }
  return cross_site && !origin_seen;
}

}  // namespace

Answer TransportFilter::on_request(RequestContext& context) const {
  if (context.request->transport == http::Transport::Refused) {
    return Refusal{Reason::TlsRequired};
  }
  if (!is_safe(context.request->method) && is_foreign(context)) {
    return Refusal{Reason::OriginRefused};
  }
  if (context.api().settings.maintenance) return Refusal{Reason::Maintenance, kMaintenanceRetry_s};
  return Continue{};
}

}  // namespace sallyport::gateway
