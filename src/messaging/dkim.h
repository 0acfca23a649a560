// DKIM signatures (RFC 6376; Ed25519 by RFC 8463): relaxed/relaxed, over the headers that a reader
// sees and the whole body. Pure but for OpenSSL, any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace sallyport::messaging {

struct DkimPair {
  Secret private_key;      // PEM
  std::string public_key;  // base64, as the DNS record has it behind p=
};
// "rsa" (2048 bit) or "ed25519".
Result<DkimPair> make_dkim_key(std::string_view kind);

// The text of the DNS record at <selector>._domainkey.<domain>.
std::string dkim_record(std::string_view kind, std::string_view public_key);

class DkimSigner {
 public:
  struct Key;

  static Result<std::shared_ptr<const DkimSigner>> make(std::string domain, std::string selector,
                                                        const Secret& private_key);
  DkimSigner(std::string domain, std::string selector, std::unique_ptr<Key> key);
  ~DkimSigner();
  DkimSigner(const DkimSigner&) = delete;
  DkimSigner& operator=(const DkimSigner&) = delete;

  // The header field with its CRLF, to stand before the mail. `time_us` is what t= says.
  Result<std::string> sign(std::string_view mail, std::int64_t time_us) const;

 private:
  std::string domain_;
  std::string selector_;
  std::unique_ptr<Key> key_;
};

// The canonical forms of RFC 6376 3.4.2 and 3.4.4, for tests.
std::string relaxed_header(std::string_view field);  // "name:value", without CRLF
std::string relaxed_body(std::string_view body);

}  // namespace sallyport::messaging
