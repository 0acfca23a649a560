// One SMTP connection and the mails that go over it one after the other (RFC 5321; STARTTLS by RFC
// 3207, implicit TLS by RFC 8314, AUTH by RFC 4954, PIPELINING by RFC 2920), with a result for each
// recipient. Used by the channel's coroutines on the delivery loop, one at a time; every step has
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
#include "base/secret.h"
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
  // A relay of the settings; `password` of its AUTH may be nullptr. All of these outlive it.
  SmtpSession(const config::SmtpChannel& settings, const config::SmtpRelay& relay, std::string helo,
              const Secret* password, Connector& connector, const Clock& clock)
      : settings_(settings),
        relay_(relay),
        helo_(std::move(helo)),
        password_(password),
        connector_(connector),
        clock_(clock) {}
  SmtpSession(const config::SmtpChannel& relay, std::string helo, Connector& connector,
              const Clock& clock)
      : SmtpSession(relay, relay, std::move(helo), nullptr, connector, clock) {}

  // A whole session for one mail: open, transfer, quit. One result for each of mail.to, in their
  // order; `recipient` in them is the position.
  Task<std::vector<RecipientResult>> send(SmtpMail mail);

  // The same in steps. opened() tells whether the relay may be given mail now.
  Task<void> open();
  Task<std::vector<RecipientResult>> transfer(const SmtpMail* mail);
  // Says QUIT and closes: its answer would change nothing.
  Task<void> quit();
  void close();

  bool opened() const { return opened_; }
  // The connection ended, or the relay ended it, before anything of the last mail counted: the mail
  // may go over another one as if it had never been tried.
  bool stale() const { return stale_; }
  // The transfer ended in a way that lets another begin.
  bool reusable() const { return opened_ && !broken_; }
  std::uint32_t mails() const { return mails_; }
  // What kept it from opening, for each of `count` recipients.
  std::vector<RecipientResult> refusals(std::size_t count) const;
  std::string name() const;  // "relay.example.com:25"

 private:
  using Kind = RecipientResult::Kind;
  enum class Secured : std::uint8_t { Yes, No, ClearInstead };

  Task<bool> connect(bool allow_tls);  // connected, greeted and told our name; else all is decided
  Task<bool> hello();
  Task<Secured> secure();
  Task<bool> authenticate();
  Task<bool> envelope(const SmtpMail* mail);  // at least one recipient was taken
  Task<void> content(std::string_view stuffed);
  Task<bool> begin(const SmtpMail* mail);  // RSET where one is due
  Result<std::string> mail_line(const SmtpMail& mail) const;
  bool take_recipient(const Result<SmtpReply>& reply, std::size_t position, bool any);
  void prepare(const SmtpMail& mail);

  Task<Result<SmtpReply>> read_reply();
  Task<Result<SmtpReply>> command(std::string line);

  // Decides all recipients that have no result yet.
  void decide(Kind kind, int code, std::string_view text);
  void fail_all(int code, std::string_view text);  // it is the relay, not the recipients
  void decide(const Result<SmtpReply>& reply, std::string_view step);
  bool offers(std::string_view keyword) const;
  std::int64_t deadline() const;

  const config::SmtpChannel& settings_;
  const config::SmtpRelay& relay_;
  std::string helo_;
  const Secret* password_;
  Connector& connector_;
  const Clock& clock_;
  std::unique_ptr<Stream> stream_;
  std::string buffer_;                   // bytes read and not used
  std::vector<std::string> extensions_;  // of EHLO, upper case
  std::vector<RecipientResult> results_;
  std::vector<bool> decided_;
  RecipientResult why_closed_;  // of open()
  bool opened_ = false;
  bool secured_ = false;
  bool broken_ = false;  // no further mail over it
  bool needs_reset_ = false;
  bool stale_ = false;
  std::uint32_t mails_ = 0;  // that were begun
};

// A line that begins with a dot gets another (RFC 5321 4.5.2); the last line is ended.
std::string dot_stuffed(std::string_view content);

}  // namespace sallyport::messaging
