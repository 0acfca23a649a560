#include "http/request.h"

#include <utility>

namespace sallyport::http {
namespace {

struct Name {
  Method method;
  std::string_view text;
};
constexpr Name kMethods[] = {
    {Method::Get, "GET"},         {Method::Head, "HEAD"},   {Method::Post, "POST"},
    {Method::Put, "PUT"},         {Method::Patch, "PATCH"}, {Method::Delete, "DELETE"},
    {Method::Options, "OPTIONS"}, {Method::Trace, "TRACE"}, {Method::Connect, "CONNECT"},
};

}  // namespace

std::string_view to_string(Method method) {
  return kMethods[static_cast<std::size_t>(method)].text;
}

std::optional<Method> parse_method(std::string_view text) {
  for (const Name& name : kMethods) {
    if (name.text == text) return name.method;
  }
  return std::nullopt;
}

std::optional<std::string_view> Request::field(std::string_view name) const {
  for (const Field& one : fields) {
    if (one.name == name) return one.value;
  }
  return std::nullopt;
}

std::size_t Request::count(std::string_view name) const {
  std::size_t found = 0;
  for (const Field& one : fields) found += one.name == name ? 1 : 0;
  return found;
}

std::optional<std::string_view> Request::query_value(std::string_view name) const {
  for (const QueryPair& pair : pairs) {
    if (pair.name == name) return pair.value;
  }
  return std::nullopt;
}

std::string_view Request::keep(std::string text) {
  kept.push_front(std::move(text));
  return kept.front();
}

void Request::clear() {
  method = Method::Get;
  host = sni = certificate_user = path = query = request_id = client_request_id = {};
  client_verified = false;
  certificate_until_us = 0;
  segments.clear();
  trailing_slash = encoded_slash = parameters = false;
  pairs.clear();
  fields.clear();
  overrides.clear();
  framing = Framing::None;
  content_length = 0;
  http10 = false;
  keep_alive = true;
  expect_continue = false;
  arrival_us = 0;
  head_bytes = 0;
  kept.clear();
}

}  // namespace sallyport::http
