// HTTP Basic (RFC 7617), read strictly: the scheme in any case, one or more spaces, canonical
// padded base64, UTF-8, the first colon splits, no control characters, the user not empty, 4 KiB at
// most. Works in the caller's buffer and allocates nothing for ASCII. Pure, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::auth {

inline constexpr std::size_t kMaxBasicBytes = 4096;  // of the field's value

// A credential in its buffers; wiped when it goes. Not to be moved: the views point into it.
class BasicCredential {
 public:
  BasicCredential() = default;
  ~BasicCredential();
  BasicCredential(const BasicCredential&) = delete;
  BasicCredential& operator=(const BasicCredential&) = delete;

  // False when the field's value is anything but one good Basic credential.
  bool parse(std::string_view value);

  std::string_view name() const { return name_; }          // folded: the form that is compared
  std::string_view password() const { return password_; }  // NFC
  // The bytes that were sent, when those are others.
  std::string_view password_as_sent() const { return as_sent_; }

 private:
  bool decode(std::string_view base64);

  std::array<char, kMaxBasicBytes / 4 * 3> bytes_;  // left uninitialised: used up to size_
  std::size_t size_ = 0;
  std::string name_text_;      // only when the name is not ASCII
  std::string password_text_;  // only when the password is not ASCII
  std::string_view name_;
  std::string_view password_;
  std::string_view as_sent_;
};

}  // namespace sallyport::auth
