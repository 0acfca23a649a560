#include "gateway/request_log.h"

#include <algorithm>

#include "auth/api_key.h"
#include "base/encoding.h"

namespace sallyport::gateway {
namespace {

constexpr std::size_t kMaxNameBytes = 64;

// In place, without a string of its own: this is on every request's path.
void write_hex(std::string& out, std::uint64_t value) {
  out.clear();
  if (value != 0) append_hex_upper(out, value);
}

void write_key_id(std::string& out, KeyId id) {
  out.clear();
  if (id) append_crockford(out, id.value, auth::kKeyIdDigits);
}

bool is_plain_name(std::string_view name) {
  const bool plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '[' || c == ']';
  });
  return plain && name.size() <= kMaxNameBytes;
}

// A name without "=" may be a value that lost its name: a key, say. It is not repeated.
void append_names(std::string& out, const http::Request& request) {
  for (const http::QueryPair& pair : request.pairs) {
    if (!out.empty()) out += '&';
    const bool named = pair.raw.find('=') != std::string_view::npos && is_plain_name(pair.name) &&
                       !pair.name.starts_with("sp_");
    out += named ? pair.name : std::string_view("_");
  }
}

// Only that something was sent, never what: nobody looks at a credential on a plain port.
bool has_credentials(const RequestContext& context) {
  const http::Request& request = *context.request;
  static const config::KeyLocations kUsual;
  const config::KeyLocations& places =
      context.match.host != nullptr ? context.api().settings.key : kUsual;
  for (const http::Field& field : request.fields) {
    if (field.name == "authorization" || places.has_header(field.name)) return true;
  }
  return std::ranges::any_of(
      request.pairs, [&](const http::QueryPair& pair) { return places.has_query(pair.name); });
}

}  // namespace

void RequestLog::clear() {
  write_hex(entry_.account, 0);
  write_hex(entry_.application, 0);
  write_hex(entry_.subscription, 0);
  write_hex(entry_.key_id, 0);
  write_hex(entry_.user, 0);
  write_hex(entry_.shadow_role, 0);
  entry_.permission_shadow = telemetry::Shadow::None;
  entry_.decided_us = 0;
  entry_.limit = entry_.shadow = {};
  entry_.cost = 1;
  entry_.api = entry_.route = entry_.method = entry_.path = entry_.query_names = {};
  entry_.request_id = entry_.client_request_id = {};
  entry_.refused_target_length = 0;
  entry_.credentials_in_clear = false;
  query_names_.clear();
}

void RequestLog::begin(const Clock& clock, const http::Request& request) {
  clear();
  arrival_us_ = request.arrival_us;
  entry_.time_us = clock.unix_us() - (clock.monotonic_us() - arrival_us_);
  entry_.client = request.client;
}

void RequestLog::begin(const Clock& clock, const http::BrokenHead& broken) {
  clear();
  arrival_us_ = broken.arrival_us;
  entry_.time_us = clock.unix_us() - (clock.monotonic_us() - arrival_us_);
  entry_.client = broken.client;
  request_id_ = broken.request_id;
  entry_.request_id = request_id_;
  entry_.refused_target_length = broken.target_length;
}

void RequestLog::finish(const RequestContext& context, const http::Outcome& outcome,
                        telemetry::AccessLog& log) {
  if (context.match.host != nullptr) entry_.api = context.api().settings.name;
  if (const http::Request* request = context.request) {
    entry_.request_id = request->request_id;
    entry_.client_request_id = request->client_request_id;
    entry_.method = http::to_string(request->method);
    // What was refused for its path is not repeated.
    if (outcome.reason == Reason::NotCanonical && (request->encoded_slash || request->parameters)) {
      entry_.refused_target_length = request->path.size();
    } else {
      entry_.path = request->path;
      append_names(query_names_, *request);
      entry_.query_names = query_names_;
    }
    if (context.match.route != nullptr) entry_.route = context.match.route->pattern.text();
    write_hex(entry_.account, context.account.value);
    write_hex(entry_.application, context.application.value);
    write_hex(entry_.subscription, context.subscription.value);
    write_key_id(entry_.key_id, context.key_id);
    write_hex(entry_.user, context.user_id.value);
    entry_.permission_shadow = context.role_shadow.verdict;
    write_hex(entry_.shadow_role, context.role_shadow.role.value);
    entry_.decided_us = context.decided_us;
    entry_.limit = context.over;
    entry_.cost = context.cost;
    if (context.shadow != Reason::Ok) entry_.shadow = to_string(context.shadow);
    entry_.credentials_in_clear =
        request->transport == http::Transport::Refused && has_credentials(context);
  }
  entry_.reason = outcome.reason;
  entry_.status = outcome.status;
  entry_.bytes_in = outcome.bytes_in;
  entry_.bytes_out = outcome.bytes_out;
  entry_.duration_us = std::max<std::int64_t>(outcome.end_us - arrival_us_, 0);
  log.add(entry_);
}

}  // namespace sallyport::gateway
