// Our own signing keys as they lie in DIR/secrets: the one that signs, and those before it, which
// are still good for what they have signed. Values; read, rotated and written on the control
// thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "auth/token/issuer.h"
#include "auth/token/signature.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace sallyport::auth {

struct OwnKey {
  SigningKey key;
  std::int64_t created_us = 0;
  std::int64_t until_us = 0;  // what it has signed is good until then; 0: it is the one that signs
};

class SigningKeys {
 public:
  // Invalid, naming the line: not as write() made it, or not exactly one key that signs.
  static Result<SigningKeys> read(std::string_view text);
  // Of a first key.
  static SigningKeys make(TokenAlgorithm algorithm, std::int64_t now_us, Random& random);
  Secret write() const;

  // A new key signs from now on. Tokens of those before stay good for `overlap_us` more, and not at
  // all when it is 0; keys whose time is over are dropped.
  void rotate(TokenAlgorithm algorithm, std::int64_t now_us, std::int64_t overlap_us,
              Random& random);

  const std::vector<OwnKey>& keys() const { return keys_; }  // the newest first
  std::unique_ptr<const KeySet> key_set() const;

 private:
  std::vector<OwnKey> keys_;
};

}  // namespace sallyport::auth
