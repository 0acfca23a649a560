// The doors' small installation with tokens: ours, those of an outside issuer, and an API for each
// kind of doors beside the usual one.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "auth/token/jws.h"
#include "auth/token/signing_keys.h"
#include "doors_fixture.h"

namespace sallyport::gateway {

class TokenFixture : public DoorsFixture {
 protected:
  static constexpr std::int64_t kLifetime_us = 1'800'000'000;

  TokenFixture() {
    own_issuer_.replace(keys_.key_set(), 0);
    put_outside(outside_key_.public_key());
    rebuild();
  }
  ~TokenFixture() override { exchange_.reset(); }

  void put_outside(auth::PublicKey key) {
    auto set = std::make_unique<auth::KeySet>();
    set->keys.push_back({std::move(key), 0});
    outside_.replace(std::move(set), clock_.unix_us() + 86'400'000'000);
  }

  // `change` is applied to the settings of the API "messaging".
  void rebuild(void (*change)(config::Api&) = nullptr) {
    std::vector<std::string> apis = policy_.catalog().apis();
    for (const char* name : {"key", "user", "none"}) {
      if (policy_.catalog().api(name) == access::Catalog::kNone) apis.emplace_back(name);
    }
    policy_.extend(access::Catalog(std::move(apis), policy_.catalog().operations()));
    std::vector<ApiSpec> specs;
    for (const auto& [name, doors] :
         {std::pair("messaging", config::Doors::KeyAndUser),
          std::pair("key", config::Doors::KeyOnly), std::pair("user", config::Doors::UserOnly),
          std::pair("none", config::Doors::None)}) {
      ApiSpec spec;
      spec.settings.name = name;
      spec.settings.hosts = {
          {std::string(name) == "messaging" ? "api.test" : name + std::string(".test"), ""}};
      spec.settings.access.doors = doors;
      if (!config::asks_user(doors)) spec.settings.access.auth.clear();
      spec.settings.issues_tokens = doors == config::Doors::KeyAndUser;
      if (doors == config::Doors::UserOnly) {
        spec.accounts = {directory_.find_account(kAccount), directory_.find_account(kOtherAccount)};
      }
      if (change != nullptr && doors == config::Doors::KeyAndUser) change(spec.settings);
      spec.own_issuer = &own_issuer_;
      spec.outside_issuers = {&outside_};
      spec.token_lifetime = config::milliseconds(kLifetime_us / 1'000);
      spec.routes = {
          {http::Method::Get, "/messages", "messages.list", &handler_},
          {http::Method::Post, "/messages", "messages.create", &handler_},
          {http::Method::Get, "/workspaces/{workspace}/messages", "messages.list", &handler_}};
      specs.push_back(std::move(spec));
    }
    exchange_.reset();
    token_gateway_.reset();
    auto built = Router::build(std::move(specs), policy_.catalog());
    EXPECT_TRUE(built.has_value());
    router_ = std::move(*built);
    for (const auto& api : router_->apis()) thresholds_.add_api(api->settings.name);
    token_gateway_ = std::make_unique<Gateway>(router_, chain_, clock_, loop_, log_, shard_);
    exchange_ = token_gateway_->open();
  }

  // With the key and this as the Authorization field.
  Sent with(const std::string& field, std::string target = "/messages") {
    Sent sent = good(http::Method::Get, std::move(target));
    sent.fields[1].second = field;
    return sent;
  }
  Sent bearer(const std::string& token, std::string target = "/messages") {
    return with("Bearer " + token, std::move(target));
  }
  std::string issue() {
    const http::Response response = answer(good(http::Method::Post, "/auth"));
    EXPECT_EQ(response.head.status(), 200) << response.body;
    const auto document = parse_json(response.body);
    const std::string* token = document ? document->find_text("token") : nullptr;
    EXPECT_NE(token, nullptr) << response.body;
    return token == nullptr ? std::string() : *token;
  }
  // An outside issuer's token with these claims over the good ones.
  std::string outside_token(std::vector<std::pair<std::string, std::string>> over = {}) {
    std::vector<std::pair<std::string, std::string>> claims = {
        {"iss", "\"https://login.test\""},
        {"aud", "\"us\""},
        {"sub", "\"John.SMITH\""},
        {"exp", std::to_string(clock_.unix_us() / 1'000'000 + 600)}};
    for (auto& [name, value] : over) {
      std::erase_if(claims, [&name](const auto& one) { return one.first == name; });
      if (!value.empty()) claims.emplace_back(name, value);
    }
    std::string json = "{";
    for (const auto& [name, value] : claims) {
      json += (json.size() > 1 ? ",\"" : "\"") + name + "\":" + value;
    }
    return auth::write_token(json + "}", outside_key_);
  }
  User user_of(std::string_view name) {
    User user;
    user.username = "John.Smith";
    const auth::UserRecord* record = directory_.find_user(kAccount, name);
    user.id = record->id();
    user.account = kAccount;
    user.verifier = record->verifier();
    user.security_version = record->security_version();
    user.roles = {record->roles().begin(), record->roles().end()};
    return user;
  }

  static config::Issuer settings() {
    config::Issuer settings;
    settings.name = "login";
    settings.issuer = "https://login.test";
    settings.audience = {"us"};
    settings.algorithms = {auth::TokenAlgorithm::EdDsa};
    return settings;
  }
  auth::SigningKeys keys_ =
      auth::SigningKeys::make(auth::TokenAlgorithm::EdDsa, clock_.unix_us(), random_);
  auth::SigningKey outside_key_ = auth::SigningKey::generate(auth::TokenAlgorithm::EdDsa, "out");
  auth::TokenIssuer outside_{settings(), {}, reclaimer_};
  std::unique_ptr<Gateway> token_gateway_;
};

}  // namespace sallyport::gateway
