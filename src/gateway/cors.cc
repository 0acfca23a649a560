#include "gateway/cors.h"

#include <algorithm>
#include <chrono>
#include <string>

#include "gateway/clothing.h"

namespace sallyport::gateway {
namespace {

bool takes_everyone(const config::Cors& cors) {
  return std::ranges::find(cors.origins, "*") != cors.origins.end();
}

bool is_listed(const config::Cors& cors, std::string_view origin) {
  const std::string normal = origin_of(origin);
  return std::ranges::any_of(cors.origins, [&normal](const std::string& one) {
    return one != "*" && origin_of(one) == normal;
  });
}

std::string joined(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) {
    if (!list.empty()) list += ", ";
    list += name;
  }
  return list;
}

// The origin to name; empty when this page may not read the answer.
std::string_view named_origin(const config::Cors& cors, const http::Request& request) {
  if (cors.origins.empty() || request.count("origin") != 1) return {};
  const std::string_view origin = *request.field("origin");
  if (is_listed(cors, origin)) return origin;
  return takes_everyone(cors) ? std::string_view("*") : std::string_view();
}

}  // namespace

bool is_preflight(const config::Api& api, const http::Request& request) {
  return request.method == http::Method::Options && !api.cors.origins.empty() &&
         request.field("origin") && request.field("access-control-request-method");
}

http::Response preflight_answer(const config::Api& api, const http::Request& request,
                                std::string_view allow) {
  const config::Cors& cors = api.cors;
  http::Response response;
  response.head.set_status(204);
  response.head.add("Allow", allow);
  const std::string_view origin = named_origin(cors, request);
  if (!origin.empty()) {
    response.head.add("Access-Control-Allow-Origin", origin);
    response.head.add("Access-Control-Allow-Methods",
                      cors.methods.empty() ? std::string(allow) : joined(cors.methods));
    std::string headers = joined(cors.headers);
    for (const std::string& name : api.key.headers) {
      headers += (headers.empty() ? "" : ", ") + name;
    }
    response.head.add("Access-Control-Allow-Headers", headers);
    response.head.add(
        "Access-Control-Max-Age",
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(cors.max_age).count()));
  }
  response.head.add("Vary",
                    "Origin, Access-Control-Request-Method, Access-Control-Request-Headers");
  add_security_fields(response.head);
  return response;
}

void add_cors_fields(http::Head& head, const config::Api& api, const http::Request& request) {
  if (api.cors.origins.empty()) return;
  // What is kept somewhere must not be given to a page of another origin.
  if (!takes_everyone(api.cors)) head.add("Vary", "Origin");
  const std::string_view origin = named_origin(api.cors, request);
  if (origin.empty()) return;
  head.add("Access-Control-Allow-Origin", origin);
  if (!api.cors.expose_headers.empty()) {
    head.add("Access-Control-Expose-Headers", joined(api.cors.expose_headers));
  }
}

}  // namespace sallyport::gateway
