#include "messaging/channels/smtp_session.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "base/encoding.h"
#include "messaging/address.h"
#include "messaging/text.h"

namespace sallyport::messaging {
namespace {

constexpr std::size_t kPiece = 64 * 1024;        // of the content, per write and deadline
constexpr std::int64_t kQuitUs = 2'000'000;      // politeness has its price
constexpr std::size_t kMaxPending = 256 * 1024;  // of a reply that has no end

bool has_eight_bit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

}  // namespace

std::string dot_stuffed(std::string_view content) {
  std::string out;
  out.reserve(content.size() + content.size() / 64 + 2);
  bool line_start = true;
  for (const char c : content) {
    if (line_start && c == '.') out += '.';
    out += c;
    line_start = c == '\n';
  }
  if (!out.empty() && !out.ends_with("\r\n")) out += "\r\n";
  return out;
}

std::int64_t SmtpSession::deadline() const {
  return clock_.monotonic_us() +
         std::chrono::duration_cast<std::chrono::microseconds>(relay_.timeout).count();
}

void SmtpSession::decide(Kind kind, int code, std::string_view text) {
  for (std::size_t i = 0; i < results_.size(); ++i) {
    if (decided_[i]) continue;
    decided_[i] = true;
    results_[i].kind = kind;
    results_[i].code = code;
    results_[i].text = printable(text, kMaxReplyText);
  }
}

// 5xx is final, everything else but success is worth another try.
void SmtpSession::decide(const Result<SmtpReply>& reply, std::string_view step) {
  if (!reply) return decide(Kind::Deferred, 0, fmt::format("{}: {}", step, reply.error().message));
  if (reply->category() == 4 || reply->category() == 5) {
    return decide(reply->category() == 5 ? Kind::Failed : Kind::Deferred, reply->code,
                  reply->text());
  }
  decide(Kind::Deferred, reply->code, fmt::format("{}: an answer that fits no rule", step));
}

bool SmtpSession::offers(std::string_view keyword) const {
  return std::ranges::any_of(extensions_, [keyword](const std::string& line) {
    return line == keyword || (line.starts_with(keyword) && line.size() > keyword.size() &&
                               line[keyword.size()] == ' ');
  });
}

Task<Result<SmtpReply>> SmtpSession::read_reply() {
  const std::int64_t until = deadline();  // of the whole reply: it may not come in drops for ever
  SmtpReplyReader reader;
  std::array<char, 4096> bytes{};
  std::size_t total = 0;
  for (;;) {
    const auto state = reader.feed(buffer_);
    if (state == SmtpReplyReader::State::Done) co_return reader.take();
    if (state == SmtpReplyReader::State::Broken || total > kMaxPending) {
      co_return fail(ErrorKind::Invalid, "the server's answer is malformed");
    }
    const Result<std::size_t> got = co_await stream_->read_some(bytes, until);
    if (!got) co_return std::unexpected(got.error());
    if (*got == 0) co_return fail(ErrorKind::Unavailable, "the server closed the connection");
    buffer_.append(bytes.data(), *got);
    total += *got;
  }
}

Task<Result<SmtpReply>> SmtpSession::command(std::string line) {
  if (has_control(line)) co_return fail(ErrorKind::Internal, "a command with a control character");
  line += "\r\n";
  const Result<void> written = co_await stream_->write_all(line, deadline());
  if (!written) co_return std::unexpected(written.error());
  Result<SmtpReply> reply = co_await read_reply();
  co_return reply;
}

Task<bool> SmtpSession::hello() {
  extensions_.clear();
  Result<SmtpReply> reply = co_await command("EHLO " + helo_);
  if (reply && reply->category() == 2) {
    for (std::size_t i = 1; i < reply->lines.size(); ++i) {
      extensions_.push_back(upper(reply->lines[i]));
    }
    co_return true;
  }
  // A server that does not know EHLO may know HELO (RFC 5321 3.2); 421 says that it goes away.
  if (reply && reply->category() == 5) {
    reply = co_await command("HELO " + helo_);
    if (reply && reply->category() == 2) co_return true;
  }
  decide(reply, "EHLO");
  co_return false;
}

Task<SmtpSession::Secured> SmtpSession::secure() {
  const bool required = relay_.security == config::SmtpSecurity::StartTls;
  if (relay_.security == config::SmtpSecurity::None) co_return Secured::Yes;
  if (!offers("STARTTLS")) {
    if (!required) co_return Secured::Yes;
    decide(Kind::Deferred, 0, "STARTTLS is required and the server does not offer it");
    co_return Secured::No;
  }
  const Result<SmtpReply> reply = co_await command("STARTTLS");
  if (!reply || reply->code != 220) {
    if (reply && !required && reply->code != 421) co_return Secured::Yes;
    // Whatever the code: that there is no TLS says nothing about the recipients.
    decide(Kind::Deferred, reply ? reply->code : 0,
           reply ? reply->text() : "STARTTLS: " + reply.error().message);
    co_return Secured::No;
  }
  // What came in clear behind the answer must not be read as if it came inside TLS.
  if (!buffer_.empty()) {
    decide(Kind::Deferred, 0, "STARTTLS: the server sent more than its answer");
    co_return Secured::No;
  }
  TlsPolicy policy{.host = relay_.host, .ca_file = relay_.ca_file, .verify = required};
  const Result<void> done = co_await stream_->start_tls(std::move(policy), deadline());
  if (!done) {
    if (!required) co_return Secured::ClearInstead;
    decide(Kind::Deferred, 0, "STARTTLS: " + done.error().message);
    co_return Secured::No;
  }
  const bool greeted = co_await hello();  // what was said in clear does not count (RFC 3207 4.2)
  co_return greeted ? Secured::Yes : Secured::No;
}

Task<bool> SmtpSession::open(bool allow_tls) {
  buffer_.clear();
  auto connected = co_await connector_.connect(relay_.host, relay_.port, deadline());
  if (!connected) {
    decide(Kind::Deferred, 0, "connect: " + connected.error().message);
    co_return false;
  }
  stream_ = std::move(*connected);
  const Result<SmtpReply> greeting = co_await read_reply();
  if (!greeting || greeting->code != 220) {
    decide(greeting, "greeting");
    co_return false;
  }
  const bool greeted = co_await hello();
  if (!greeted) co_return false;
  if (!allow_tls) co_return true;
  const Secured secured = co_await secure();
  if (secured != Secured::ClearInstead) co_return secured == Secured::Yes;
  // Opportunistic: a handshake that fails leaves a connection that nobody can use.
  stream_.reset();
  const bool opened = co_await open(false);
  co_return opened;
}

Task<bool> SmtpSession::envelope(const SmtpMail* mail) {
  std::string line = "MAIL FROM:<" + mail->from + ">";
  if (offers("SIZE")) line += fmt::format(" SIZE={}", mail->content.size());
  if (offers("8BITMIME") && has_eight_bit(mail->content)) line += " BODY=8BITMIME";
  const Result<SmtpReply> sender = co_await command(std::move(line));
  if (!sender || sender->category() != 2) {
    decide(sender, "MAIL");
    co_return false;
  }
  bool any = false;
  for (std::size_t i = 0; i < mail->to.size(); ++i) {
    if (decided_[i]) continue;
    const Result<SmtpReply> reply = co_await command("RCPT TO:<" + mail->to[i] + ">");
    if (reply && reply->category() == 2) {
      any = true;
      continue;
    }
    // A broken connection and 421 decide for all; every other answer for this recipient only.
    if (!reply || reply->code == 421) {
      decide(reply, "RCPT");
      co_return false;
    }
    decided_[i] = true;
    results_[i].kind = reply->category() == 5 ? Kind::Failed : Kind::Deferred;
    results_[i].code = reply->code;
    results_[i].text = reply->text();
  }
  co_return any;
}

Task<void> SmtpSession::content(std::string_view stuffed) {
  const Result<SmtpReply> go_on = co_await command("DATA");
  if (!go_on || go_on->code != 354) {
    decide(go_on, "DATA");
    co_return;
  }
  for (std::size_t at = 0; at < stuffed.size(); at += kPiece) {
    const Result<void> written =
        co_await stream_->write_all(stuffed.substr(at, kPiece), deadline());
    if (!written) {
      decide(Kind::Deferred, 0, "content: " + written.error().message);
      co_return;
    }
  }
  // From the first byte of this write on, the server may have the whole mail.
  const Result<void> ended = co_await stream_->write_all(".\r\n", deadline());
  if (!ended) {
    decide(Kind::InDoubt, 0, "after the final dot: " + ended.error().message);
    co_return;
  }
  const Result<SmtpReply> reply = co_await read_reply();
  if (!reply) {
    decide(Kind::InDoubt, 0, "after the final dot: " + reply.error().message);
  } else if (reply->category() == 2) {
    decide(Kind::Sent, reply->code, reply->text());
  } else if (reply->category() == 3) {
    decide(Kind::InDoubt, reply->code, "after the final dot: an answer that fits no rule");
  } else {
    decide(reply, "content");
  }
}

Task<void> SmtpSession::quit() {
  const std::int64_t until = std::min(clock_.monotonic_us() + kQuitUs, deadline());
  const Result<void> written = co_await stream_->write_all("QUIT\r\n", until);
  if (!written) co_return;
  std::array<char, 512> bytes{};
  const Result<std::size_t> got = co_await stream_->read_some(bytes, until);
  (void)got;  // whatever it says, everything is decided
}

Task<std::vector<RecipientResult>> SmtpSession::send(SmtpMail mail) {
  results_.resize(mail.to.size());
  decided_.assign(mail.to.size(), false);
  for (std::size_t i = 0; i < mail.to.size(); ++i) {
    results_[i].recipient = static_cast<std::int32_t>(i);
    // Checked before it was stored, and again here, before the wire.
    if (is_email_address(mail.to[i])) continue;
    decided_[i] = true;
    results_[i].kind = Kind::Failed;
    results_[i].text = "the recipient is no email address";
  }
  if (!is_email_address(mail.from)) decide(Kind::Failed, 0, "the sender is no email address");
  if (std::ranges::find(decided_, false) == decided_.end()) co_return std::move(results_);

  const bool opened = co_await open(true);
  bool taken = false;
  if (opened) taken = co_await envelope(&mail);
  if (taken) {
    const std::string stuffed = dot_stuffed(mail.content);
    co_await content(stuffed);
  }
  decide(Kind::Deferred, 0, "the session ended early");
  if (opened) co_await quit();
  if (stream_) stream_->close();
  co_return std::move(results_);
}

}  // namespace sallyport::messaging
