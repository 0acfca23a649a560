#include "auth/token/jws.h"

#include <array>

#include "auth/token/jwk.h"
#include "base/encoding.h"

namespace sallyport::auth {
namespace {

bool is_right_type(const JsonValue& header) {
  const JsonValue* type = header.find("typ");
  if (type == nullptr) return true;
  std::string_view text = type->text;
  constexpr std::string_view kPrefix = "application/";  // may be left out: RFC 7515 4.1.9
  if (equal_ascii_case(text.substr(0, kPrefix.size()), kPrefix)) text.remove_prefix(kPrefix.size());
  return equal_ascii_case(text, "JWT") || equal_ascii_case(text, "at+jwt");
}

bool read_header(const JsonValue& header, TokenText& token) {
  const std::string* algorithm = header.find_text("alg");
  if (algorithm == nullptr || header.find("crit") != nullptr || !is_right_type(header)) {
    return false;
  }
  token.algorithm = *algorithm;
  if (header.find("kid") == nullptr) return true;
  const std::string* kid = header.find_text("kid");
  if (kid == nullptr || kid->empty() || kid->size() > kMaxKidBytes) return false;
  token.kid = *kid;
  return true;
}

std::optional<JsonValue> read_object(std::string_view base64url) {
  const auto bytes = base64url_decode(base64url);
  auto value = bytes ? parse_json(*bytes) : std::nullopt;
  return value && value->kind == JsonValue::Kind::Object ? std::move(value) : std::nullopt;
}

}  // namespace

std::optional<TokenText> read_token(std::string_view token) {
  if (token.size() > kMaxTokenBytes) return std::nullopt;
  const std::size_t first = token.find('.');
  const std::size_t second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  TokenText read;
  read.signed_text = token.substr(0, second);
  const auto header = read_object(token.substr(0, first));
  if (!header || !read_header(*header, read)) return std::nullopt;
  auto claims = read_object(token.substr(first + 1, second - first - 1));
  auto signature = base64url_decode(token.substr(second + 1));
  if (!claims || !signature) return std::nullopt;
  read.claims = std::move(*claims);
  read.signature = std::move(*signature);
  return read;
}

std::string write_token(std::string_view claims, const SigningKey& key, std::string_view type) {
  const PublicKey& shown = key.public_key();
  std::string header = R"({"alg":")" + std::string(config::to_string(shown.algorithm)) +
                       R"(","typ":")" + std::string(type) + R"(","kid":")" + shown.kid + "\"}";
  std::string token = base64url_encode(header) + "." + base64url_encode(claims);
  token += "." + base64url_encode(key.sign(token));
  return token;
}

}  // namespace sallyport::auth
