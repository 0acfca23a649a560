#include "gateway/password_answer.h"

#include <exception>
#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "auth/basic.h"
#include "auth/password_policy.h"
#include "base/encoding.h"
#include "base/loop_wait.h"
#include "base/secret.h"

namespace sallyport::gateway {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostBody = 8 * 1024;
constexpr std::int64_t kPoolRetry_s = 1;

Refusal fault_of(http::BodyFault fault) {
  switch (fault) {
    case http::BodyFault::TooLarge: return {Reason::BodyTooLarge};
    case http::BodyFault::Timeout: return {Reason::BodyTimeout};
    case http::BodyFault::Malformed: return {Reason::BadFraming};
    case http::BodyFault::Gone: return {Reason::ClientGone};
  }
  return {Reason::InternalError};
}

// Colons outside of texts: one for each member, also for one that is there twice, of which the
// library shows only the last.
std::size_t count_members(std::string_view body) {
  std::size_t count = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] == '\\') {
      ++i;
    } else if (body[i] == '"') {
      in_text = !in_text;
    } else if (body[i] == ':' && !in_text) {
      ++count;
    }
  }
  return count;
}

// {"password": "..."} and nothing else.
std::optional<Secret> password_in(std::string_view body) {
  try {
    json::value document = json::parse({body.data(), body.size()});
    const json::object& object = document.as_object();
    if (object.size() != 1 || count_members(body) != 1) return std::nullopt;
    const json::string& text = object.at("password").as_string();
    return Secret(std::string_view(text.data(), text.size()));
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

bool is_json(const http::Request& request) {
  for (const http::Field& field : request.fields) {
    if (field.name != "content-type") continue;
    const std::string_view type = trim_ascii(field.value.substr(0, field.value.find(';')));
    const std::string lower = ascii_lower(type);
    return lower == "application/json" || lower.ends_with("+json");
  }
  return true;  // not told: it has to be what we take
}

// The password that the user has just proven, if it came with this request.
bool is_present_password(const http::Request& request, std::string_view wanted) {
  const auto normal = normalize_password(wanted);
  for (const http::Field& field : request.fields) {
    if (field.name != "authorization") continue;
    auth::BasicCredential credential;
    return normal && credential.parse(field.value) &&
           equal_constant_time(credential.password(), std::string_view(*normal));
  }
  return false;
}

}  // namespace

Task<http::Response> change_password(PasswordDesk desk, PasswordOwner owner, Wearer wearer,
                                     http::BodyReader* body) {
  const auto refused = [&wearer](std::string_view rule) {
    return dress_password_rule(rule, wearer);
  };
  if (!is_json(*wearer.request)) {
    co_return refused("the body must be JSON: {\"password\": \"...\"}");
  }
  auto text = co_await body->read_all(kMostBody);
  if (!text) co_return dress(fault_of(text.error()), wearer);
  const auto password = password_in(*text);
  wipe(*text);
  if (!password) co_return refused("the body must be JSON: {\"password\": \"...\"}");
  if (const auto good = auth::check_password_policy(password->reveal(), owner.username); !good) {
    co_return refused(good.error().message);
  }
  if (is_present_password(*wearer.request, password->reveal())) {
    co_return refused("the password must be another than the present one");
  }

  LoopWait<Result<std::string>> hashing;
  if (!desk.verifier->hash(password->reveal(), *desk.loop, hashing.resolver())) {
    co_return dress({Reason::HashPoolFull, kPoolRetry_s}, wearer);
  }
  auto verifier = co_await hashing;
  if (!verifier) co_return dress({Reason::InternalError}, wearer);

  LoopWait<Result<void>> keeping;
  desk.keeper->keep({owner.user, owner.security_version, std::move(*verifier)},
                    keeping.post_to(*desk.loop));
  const auto kept = co_await keeping;
  if (!kept && kept.error().kind == ErrorKind::Conflict) {
    co_return refused("the user was changed meanwhile; sign in again");
  }
  if (!kept) co_return dress({Reason::StoreAway}, wearer);
  http::Response response;
  response.head.set_status(204);
  add_security_fields(response.head);
  co_return response;
}

}  // namespace sallyport::gateway
