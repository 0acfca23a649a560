#include "proxy/request_head.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.h"

namespace sallyport::proxy {
namespace {

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += "\r\n";
}

void append_values(std::string& out, const std::vector<config::HeaderValue>& values) {
  for (const config::HeaderValue& value : values) append_field(out, value.name, value.value);
}

bool is_key(const ForwardRules& rules, std::string_view name) {
  return std::ranges::any_of(
      rules.key_names, [name](const std::string& one) { return equal_ascii_case(one, name); });
}

// Byte for byte, less the pairs that carry the key. The pairs of the request are those of the query
// that are not empty, in its order.
void append_query(std::string& out, const ForwardRules& rules, const http::Request& request) {
  const bool whole = std::ranges::none_of(
      request.pairs, [&rules](const http::QueryPair& pair) { return is_key(rules, pair.name); });
  if (whole) {
    if (!request.query.empty()) {
      out += '?';
      out += request.query;
    }
    return;
  }
  std::string_view rest = request.query;
  auto pair = request.pairs.begin();
  char separator = '?';
  for (;;) {
    const std::size_t end = rest.find('&');
    const std::string_view piece = rest.substr(0, end);
    bool kept = true;
    if (!piece.empty()) kept = !is_key(rules, (pair++)->name);
    if (kept) {
      out += separator;
      out += piece;
      separator = '&';
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
}

bool passes(const ForwardRules& rules, const UpstreamWords& words, std::string_view name) {
  if (is_dropped_from_request(name) || rules.dropped.contains(name)) return false;
  return words.credential_header.empty() || !same_name(name, words.credential_header);
}

bool is_named_by_connection(const http::Request& request, std::string_view name) {
  for (const http::Field& field : request.fields) {
    if (field.name == "connection" && names_field(field.value, name)) return true;
  }
  return false;
}

// In place, as ids are written everywhere.
void append_id(std::string& out, std::string_view name, std::uint64_t value) {
  out += name;
  append_hex_upper(out, value);
  out += "\r\n";
}

// RFC 7239: an IPv6 address is quoted and in brackets.
void append_client(std::string& out, const http::Request& request) {
  const std::string client = request.client.text();
  append_field(out, "X-Forwarded-For", client);
  append_field(out, "X-Forwarded-Proto", "https");
  append_field(out, "X-Forwarded-Host", request.host);
  out += "Forwarded: for=";
  out += request.client.v6 ? "\"[" : "";
  out += client;
  out += request.client.v6 ? "]\"" : "";
  out += ";host=\"";
  out += request.host;
  out += "\";proto=https\r\n";
}

// The pattern begins with the prefix, so the path does, but for parameters; at a segment's end,
// because both are canonical.
bool begins_with(const http::Request& request, std::string_view prefix) {
  const std::string_view path = request.path;
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

void append_framing(std::string& out, const http::Request& request) {
  if (request.framing == http::Framing::Chunked) {
    out += "Transfer-Encoding: chunked\r\n";
    return;
  }
  const bool expects_one = request.method == http::Method::Post ||
                           request.method == http::Method::Put ||
                           request.method == http::Method::Patch;
  if (request.framing == http::Framing::None && !expects_one) return;
  std::array<char, 20> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), request.content_length).ptr;
  append_field(out, "Content-Length",
               {digits.data(), static_cast<std::size_t>(end - digits.data())});
}

}  // namespace

ForwardRules::ForwardRules(const config::Api& api, const config::Route& own) : route(&own) {
  if (!own.forward_authorization) dropped.add("authorization");
  if (!own.forward_key) {
    for (const std::string& header : api.key.headers) dropped.add(header);
    key_names = api.key.queries;
  }
  for (const std::string& name : own.request_headers.remove) dropped.add(name);
  for (const config::HeaderValue& value : own.request_headers.set) dropped.add(value.name);
  append_values(set_fields, own.request_headers.set);
  for (const std::string& name : own.response_headers.remove) dropped_answers.add(name);
  for (const config::HeaderValue& value : own.response_headers.set) {
    dropped_answers.add(value.name);
  }
  append_values(set_answers, own.response_headers.set);
  own_cors = !api.cors.origins.empty();
}

bool has_target(const ForwardRules& rules, const http::Request& request) {
  return request.path != "*" &&
         (rules.route->strip_prefix.empty() || begins_with(request, rules.route->strip_prefix));
}

void append_target(std::string& out, const ForwardRules& rules, const http::Request& request) {
  std::string_view path = request.path;
  const std::string& strip = rules.route->strip_prefix;
  if (!strip.empty() && begins_with(request, strip)) path.remove_prefix(strip.size());
  out += rules.route->add_prefix;
  out += path;
  if (path.empty() && rules.route->add_prefix.empty()) out += '/';
  append_query(out, rules, request);
}

void append_request_head(std::string& out, const ForwardRules& rules, const UpstreamWords& words,
                         const http::Request& request, const Caller& caller) {
  out += http::to_string(request.method);
  out += ' ';
  append_target(out, rules, request);
  out += " HTTP/1.1\r\n";
  append_field(out, "Host", words.host.empty() ? request.host : words.host);
  const bool connection = request.field("connection").has_value();
  for (const http::Field& field : request.fields) {
    if (!passes(rules, words, field.name)) continue;
    if (connection && is_named_by_connection(request, field.name)) continue;
    append_field(out, field.name, field.value);
  }
  out += rules.set_fields;
  if (!words.credential_header.empty()) {
    append_field(out, words.credential_header, words.credential);
  }
  append_field(out, "X-Request-Id", request.request_id);
  // On a route without one of the doors there is nobody to name.
  if (caller.account) append_id(out, "X-Sallyport-Account: ", caller.account.value);
  if (caller.application) {
    append_id(out, "X-Sallyport-Application: ", caller.application.value);
    append_field(out, "X-Sallyport-Environment", to_string(caller.environment));
  }
  if (caller.user) append_id(out, "X-Sallyport-User: ", caller.user.value);
  if (!caller.roles.empty()) append_field(out, "X-Sallyport-Roles", caller.roles);
  if (!words.assertion.empty()) append_field(out, "X-Sallyport-Assertion", words.assertion);
  append_client(out, request);
  if (request.expect_continue) out += "Expect: 100-continue\r\n";
  append_framing(out, request);
  out += "\r\n";
}

}  // namespace sallyport::proxy
