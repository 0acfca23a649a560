// One mail over one SMTP connection (RFC 5321, STARTTLS by RFC 3207), one command at a time, with a
// result for each recipient. Lives in the channel's coroutine on the delivery loop; every step has
// the same timeout. Never fails: what goes wrong is the recipients' result.
//
// The point of no return is the final dot: what breaks before it is Deferred, what breaks between
// it and the server's answer is InDoubt.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/config.h"
#include "messaging/channel.h"
#include "messaging/channels/smtp_reply.h"
#include "messaging/connector.h"

namespace sallyport::messaging {

struct SmtpMail {
  std::string from;
  std::vector<std::string> to;
  std::string content;  // lines ending in CRLF
};

class SmtpSession {
 public:
  SmtpSession(const config::SmtpChannel& relay, std::string helo, Connector& connector,
              const Clock& clock)
      : relay_(relay), helo_(std::move(helo)), connector_(connector), clock_(clock) {}

  // One for each of mail.to, in their order; `recipient` in them is the position.
  Task<std::vector<RecipientResult>> send(SmtpMail mail);

 private:
  using Kind = RecipientResult::Kind;
  enum class Secured : std::uint8_t { Yes, No, ClearInstead };

  Task<bool> open(bool allow_tls);  // connected, greeted and told our name; else all is decided
  Task<bool> hello();
  Task<Secured> secure();
  Task<bool> envelope(const SmtpMail* mail);  // at least one recipient was taken
  Task<void> content(std::string_view stuffed);
  Task<void> quit();

  Task<Result<SmtpReply>> read_reply();
  Task<Result<SmtpReply>> command(std::string line);

  // Decides all recipients that have no result yet.
  void decide(Kind kind, int code, std::string_view text);
  void decide(const Result<SmtpReply>& reply, std::string_view step);
  bool offers(std::string_view keyword) const;
  std::int64_t deadline() const;

  const config::SmtpChannel& relay_;
  std::string helo_;
  Connector& connector_;
  const Clock& clock_;
  std::unique_ptr<Stream> stream_;
  std::string buffer_;                   // bytes read and not used
  std::vector<std::string> extensions_;  // of EHLO, upper case
  std::vector<RecipientResult> results_;
  std::vector<bool> decided_;
};

// A line that begins with a dot gets another (RFC 5321 4.5.2); the last line is ended.
std::string dot_stuffed(std::string_view content);

}  // namespace sallyport::messaging
