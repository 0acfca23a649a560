// Reads one reply of an SMTP server (RFC 5321 4.2) from bytes as they come: bounded lines, bounded
// number of them, one code on all of them. One thread. Whatever breaks a rule ends the reading: the
// connection is not worth another word.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::messaging {

struct SmtpReply {
  int code = 0;                    // 200 to 599
  std::vector<std::string> lines;  // behind the code, printable
  int category() const { return code / 100; }
  std::string text() const;  // the lines joined, at most 200 bytes
};

inline constexpr std::size_t kMaxReplyText = 200;

class SmtpReplyReader {
 public:
  enum class State : std::uint8_t { More, Done, Broken };
  // Takes bytes from the front of `bytes`; once Done leaves what comes behind the reply.
  State feed(std::string& bytes);
  SmtpReply take() { return std::move(reply_); }

 private:
  static constexpr std::size_t kMaxLine = 2048;  // RFC 5321 4.5.3.1.5 says 512
  static constexpr std::size_t kMaxLines = 128;

  SmtpReply reply_;
};

}  // namespace sallyport::messaging
