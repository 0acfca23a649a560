#include "auth/token/signing_keys.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

#include "base/id.h"

namespace sallyport::auth {
namespace {

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<TokenAlgorithm> algorithm_in(std::string_view text) {
  for (const TokenAlgorithm one : {TokenAlgorithm::EdDsa, TokenAlgorithm::Es256}) {
    if (config::to_string(one) == text) return one;
  }
  return std::nullopt;
}

// The text up to the next blank, which goes too.
std::string_view next_word(std::string_view& line) {
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

// "KID ALGORITHM CREATED UNTIL PRIVATE"
Result<OwnKey> read_line(std::string_view line) {
  const std::string kid(next_word(line));
  const auto algorithm = algorithm_in(next_word(line));
  const auto created_us = number_in(next_word(line));
  const auto until_us = number_in(next_word(line));
  if (!parse_hex_upper(kid) || !algorithm || !created_us || !until_us) {
    return fail(ErrorKind::Invalid, "not a signing key");
  }
  auto key = SigningKey::read(*algorithm, kid, line);
  if (!key) return std::unexpected(key.error());
  return OwnKey{std::move(*key), *created_us, *until_us};
}

}  // namespace

Result<SigningKeys> SigningKeys::read(std::string_view text) {
  SigningKeys read;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    ++number;
    auto key = read_line(line);
    if (!key) {
      return fail(ErrorKind::Invalid,
                  "line " + std::to_string(number) + ": " + key.error().message);
    }
    read.keys_.push_back(std::move(*key));
  }
  if (std::ranges::count(read.keys_, 0, &OwnKey::until_us) != 1) {
    return fail(ErrorKind::Invalid, "not exactly one key that signs");
  }
  return read;
}

SigningKeys SigningKeys::make(TokenAlgorithm algorithm, std::int64_t now_us, Random& random) {
  SigningKeys made;
  made.rotate(algorithm, now_us, 0, random);
  return made;
}

Secret SigningKeys::write() const {
  std::string text;
  for (const OwnKey& one : keys_) {
    const PublicKey& shown = one.key.public_key();
    text += shown.kid + " " + std::string(config::to_string(shown.algorithm)) + " " +
            std::to_string(one.created_us) + " " + std::to_string(one.until_us) + " ";
    text += one.key.private_text().reveal();
    text += '\n';
  }
  Secret secret{std::string_view(text)};
  wipe(text);
  return secret;
}

void SigningKeys::rotate(TokenAlgorithm algorithm, std::int64_t now_us, std::int64_t overlap_us,
                         Random& random) {
  for (OwnKey& one : keys_) {
    const std::int64_t until_us = now_us + overlap_us;
    one.until_us = one.until_us == 0 ? until_us : std::min(one.until_us, until_us);
  }
  std::erase_if(keys_, [now_us](const OwnKey& one) { return one.until_us <= now_us; });
  keys_.insert(keys_.begin(),
               OwnKey{SigningKey::generate(algorithm, hex_upper(random.next_u64())), now_us, 0});
}

std::unique_ptr<const KeySet> SigningKeys::key_set() const {
  auto set = std::make_unique<KeySet>();
  for (const OwnKey& one : keys_) {
    set->keys.push_back({one.key.public_key(), one.until_us});
    if (one.until_us == 0) set->signer = std::make_unique<const SigningKey>(one.key);
  }
  return set;
}

}  // namespace sallyport::auth
