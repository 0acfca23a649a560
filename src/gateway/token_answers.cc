#include "gateway/token_answers.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "auth/token/claims.h"
#include "auth/token/jwk.h"
#include "base/encoding.h"
#include "base/time_text.h"
#include "gateway/accept.h"
#include "gateway/clothing.h"

namespace sallyport::gateway {
namespace {

// How long others may keep our public keys: a rotation shows the new one to them soon.
constexpr std::string_view kKeysFor = "public, max-age=300";

// XML only for who asks for it: here JSON is what clients expect.
MediaChoice choose(const http::Request& request) {
  MediaChoice media = choose_media(request);
  if (media.asked || media.json) return media;
  media.json = true;
  media.type = "application/json";
  return media;
}

struct Member {
  std::string_view name;
  std::string value;
  bool is_text = true;
};

http::Response answer(const RequestContext& context, std::string_view root,
                      const std::vector<Member>& members) {
  const MediaChoice media = choose(*context.request);
  http::Response response;
  response.head.add("Content-Type", media.type);
  std::string& body = response.body;
  const std::string element(root);
  body = media.json ? "{"
                    : R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?><ns3:)" + element +
                          R"( xmlns:ns2="http://schemas.api.whispir.com/dap" )"
                          R"(xmlns:ns3="http://schemas.api.whispir.com">)";
  for (const Member& one : members) {
    const std::string name(one.name);
    if (!media.json) {
      body += "<" + name + ">" + xml_escaped(one.value) + "</" + name + ">";
      continue;
    }
    body += (body.size() > 1 ? ",\"" : "\"") + name + "\":";
    if (one.is_text) body += '"';
    append_json_escaped(body, one.value);
    if (one.is_text) body += '"';
  }
  body += media.json ? "}" : "</ns3:" + element + ">";
  add_security_fields(response.head);
  return response;
}

}  // namespace

http::Response issue_token(const RequestContext& context, const Clock& clock) {
  const Api& api = context.api();
  const std::int64_t now_us = clock.unix_us();
  const auth::KeySet* keys = api.own_issuer == nullptr ? nullptr : api.own_issuer->keys(now_us);
  if (keys == nullptr || keys->signer == nullptr) {
    return dress({Reason::IssuerAway, 1}, {context.match.host, context.request,
                                           context.request->request_id, context.match.allow});
  }
  auth::Claims claims;
  claims.issuer = api.own_issuer;
  claims.expires_us = now_us + api.token_lifetime.count() * 1'000;
  const auto& extras = context.key.key->extras;
  if (extras && extras->expires_us != 0) {
    claims.expires_us = std::min(claims.expires_us, extras->expires_us);
  }
  claims.user = context.user->id();
  claims.account = context.user->account();
  claims.application = context.application;
  claims.api_key = context.key_id;
  claims.security_version = context.user->security_version();
  claims.audience = api.settings.name;
  std::string token = auth::write_token(auth::write_claims(claims, now_us), *keys->signer);
  http::Response response = answer(context, "auth", {{"token", std::move(token)}});
  std::string location = context.match.host->public_url + "/auth/verify";
  // Who sends the key in the query wants it in every link.
  if (context.key_in_query) {
    location += "?" + std::string(context.key_name) + "=" + percent_encode_query(context.key_text);
  }
  response.head.add("Location", location);
  return response;
}

http::Response verify_token(const RequestContext& context) {
  const auth::UserRecord& user = *context.user;
  return answer(context, "verify",
                {{"valid", "true", false},
                 {"user", user.id().hex()},
                 {"username", std::string(user.username())},
                 {"account", user.account().hex()},
                 {"application", context.application.hex()},
                 {"expires", rfc3339_seconds(context.token_expires_us)}});
}

http::Response publish_keys(const RequestContext& context, const Clock& clock) {
  const auth::TokenIssuer* issuer = context.api().published;
  const std::int64_t now_us = clock.unix_us();
  const auth::KeySet* keys = issuer == nullptr ? nullptr : issuer->keys(now_us);
  std::vector<auth::PublicKey> shown;
  if (keys != nullptr) {
    for (const auth::KeySet::Entry& entry : keys->keys) {
      if (entry.until_us == 0 || now_us < entry.until_us) shown.push_back(entry.key);
    }
  }
  http::Response response;
  response.head.add("Content-Type", "application/jwk-set+json");
  response.head.add("Cache-Control", kKeysFor);
  response.body = auth::write_jwks(shown);
  add_security_fields(response.head);
  return response;
}

}  // namespace sallyport::gateway
