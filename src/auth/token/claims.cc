#include "auth/token/claims.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"

namespace sallyport::auth {
namespace {

constexpr std::int64_t kSecond_us = 1'000'000;
constexpr double kLastSecond = 253'402'300'799;  // of the year 9999

// RFC 7519 2, NumericDate: seconds since 1970, with a fraction if it must be.
bool read_time(const JsonValue& value, std::int64_t& out_us) {
  if (value.kind != JsonValue::Kind::Number || value.number < 0 || value.number > kLastSecond) {
    return false;
  }
  out_us = static_cast<std::int64_t>(value.number * kSecond_us);
  return true;
}

template <class IdType>
bool read_id(const JsonValue& claims, std::string_view name, IdType& out) {
  const std::string* text = claims.find_text(name);
  const auto id = text == nullptr ? std::nullopt : IdType::parse(*text);
  if (!id) return false;
  out = *id;
  return true;
}

bool read_version(const JsonValue& claims, std::uint64_t& out) {
  const std::string* text = claims.find_text("ver");
  if (text == nullptr) return false;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
  return error == std::errc() && end == text->data() + text->size();
}

Reason read_ours(const JsonValue& claims, Claims& out) {
  const std::string* audience = claims.find_text("aud");
  if (audience == nullptr) return Reason::TokenAudience;
  out.audience = *audience;
  const bool complete = read_id(claims, "sub", out.user) && read_id(claims, "acc", out.account) &&
                        read_id(claims, "app", out.application) &&
                        read_id(claims, "key", out.api_key) &&
                        read_version(claims, out.security_version);
  return complete ? Reason::Ok : Reason::TokenMalformed;
}

// RFC 7519 4.1.3: one text, or several.
bool names_us(const JsonValue* audience, const std::vector<std::string>& ours) {
  if (audience == nullptr) return false;
  const auto is_ours = [&ours](const JsonValue& one) {
    return one.kind == JsonValue::Kind::Text && std::ranges::find(ours, one.text) != ours.end();
  };
  return audience->kind == JsonValue::Kind::Array ? std::ranges::any_of(audience->items, is_ours)
                                                  : is_ours(*audience);
}

Reason read_outside(const JsonValue& claims, const config::Issuer& settings, Claims& out) {
  if (!names_us(claims.find("aud"), settings.audience)) return Reason::TokenAudience;
  const std::string* name = claims.find_text(settings.user_claim);
  auto folded = name == nullptr ? std::nullopt : fold_username(*name);
  if (!folded) return Reason::TokenMalformed;
  out.folded_name = std::move(*folded);
  return Reason::Ok;
}

void append_text(std::string& out, std::string_view name, std::string_view value) {
  out += (out.size() > 1 ? ",\"" : "\"") + std::string(name) + "\":\"";
  append_json_escaped(out, value);
  out += '"';
}

void append_time(std::string& out, std::string_view name, std::int64_t us) {
  out += ",\"" + std::string(name) + "\":" + std::to_string(us / kSecond_us);
}

}  // namespace

Reason read_claims(const JsonValue& claims, const TokenIssuer& issuer, Claims& out) {
  out.issuer = &issuer;
  const JsonValue* expires = claims.find("exp");
  if (expires == nullptr) return Reason::TokenExpired;
  if (!read_time(*expires, out.expires_us)) return Reason::TokenMalformed;
  const JsonValue* not_before = claims.find("nbf");
  if (not_before != nullptr && !read_time(*not_before, out.not_before_us)) {
    return Reason::TokenMalformed;
  }
  return issuer.is_outside() ? read_outside(claims, issuer.settings(), out)
                             : read_ours(claims, out);
}

Reason check_times(const Claims& claims, std::int64_t now_us) {
  const std::int64_t leeway_us = claims.issuer->settings().leeway.count() * 1'000;
  if (now_us >= claims.expires_us + leeway_us) return Reason::TokenExpired;
  if (now_us + leeway_us < claims.not_before_us) return Reason::TokenNotYetValid;
  return Reason::Ok;
}

std::string write_claims(const Claims& claims, std::int64_t now_us) {
  std::string out = "{";
  append_text(out, "iss", claims.issuer->issuer());
  append_text(out, "aud", claims.audience);
  append_text(out, "sub", claims.user.hex());
  append_text(out, "acc", claims.account.hex());
  append_text(out, "app", claims.application.hex());
  append_text(out, "key", claims.api_key.hex());
  append_text(out, "ver", std::to_string(claims.security_version));
  append_time(out, "iat", now_us);
  append_time(out, "exp", claims.expires_us);
  return out + "}";
}

}  // namespace sallyport::auth
