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
         std::chrono::duration_cast<std::chrono::microseconds>(settings_.timeout).count();
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

void SmtpSession::fail_all(int code, std::string_view text) {
  broken_ = true;
  for (std::size_t i = 0; i < results_.size(); ++i) {
    if (!decided_[i]) results_[i].cause = RecipientResult::Cause::Destination;
  }
  why_closed_.code = code;
  why_closed_.text = printable(text, kMaxReplyText);
  decide(Kind::Deferred, code, text);
}

// 5xx is final, everything else but success is worth another try. A connection that breaks and 421
// say nothing about the recipients.
void SmtpSession::decide(const Result<SmtpReply>& reply, std::string_view step) {
  if (!reply) return fail_all(0, fmt::format("{}: {}", step, reply.error().message));
  if (reply->code == 421) return fail_all(reply->code, reply->text());
  needs_reset_ = true;
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

std::string SmtpSession::name() const { return fmt::format("{}:{}", relay_.host, relay_.port); }

std::vector<RecipientResult> SmtpSession::refusals(std::size_t count) const {
  std::vector<RecipientResult> results(count, why_closed_);
  for (std::size_t i = 0; i < count; ++i) {
    results[i].recipient = static_cast<std::int32_t>(i);
    results[i].cause = RecipientResult::Cause::Destination;
    results[i].via = name();
  }
  return results;
}

Result<std::string> SmtpSession::mail_line(const SmtpMail& mail) const {
  std::string line = "MAIL FROM:<" + mail.from + ">";
  if (offers("SIZE")) line += fmt::format(" SIZE={}", mail.content.size());
  if (offers("8BITMIME") && has_eight_bit(mail.content)) line += " BODY=8BITMIME";
  if (has_control(line)) return fail(ErrorKind::Internal, "a command with a control character");
  return line;
}

// True when it was taken. Every answer but a broken connection and 421 is this recipient's alone;
// 452 behind others that were taken means "not all at once" (RFC 5321 4.5.3.1.10).
bool SmtpSession::take_recipient(const Result<SmtpReply>& reply, std::size_t position, bool any) {
  if (reply && reply->category() == 2) return true;
  if (!reply || reply->code == 421) {
    decide(reply, "RCPT");
    return false;
  }
  decided_[position] = true;
  RecipientResult& result = results_[position];
  result.kind = reply->category() == 5 ? Kind::Failed : Kind::Deferred;
  result.code = reply->code;
  result.text = reply->text();
  if (reply->code == 452 && any) result.cause = RecipientResult::Cause::Throttled;
  return false;
}

Task<bool> SmtpSession::begin(const SmtpMail* mail) {
  const bool first = mails_++ == 0;
  if (!needs_reset_) co_return true;
  needs_reset_ = false;
  const Result<SmtpReply> reset = co_await command("RSET");
  if (reset && reset->code == 250) co_return true;
  stale_ = !first;
  decide(reset, "RSET");
  broken_ = true;
  (void)mail;
  co_return false;
}

// MAIL, every RCPT and DATA; all in one write where the server takes that. True: it waits for the
// content. What the server says to DATA without a recipient does not matter, but must be ended.
Task<bool> SmtpSession::envelope(const SmtpMail* mail) {
  const bool first = mails_ == 1;
  const auto line = mail_line(*mail);
  if (!line) {
    decide(Kind::Failed, 0, line.error().message);
    co_return false;
  }
  const bool pipelined = offers("PIPELINING");
  if (pipelined) {
    std::string all = *line + "\r\n";
    for (std::size_t i = 0; i < mail->to.size(); ++i) {
      if (!decided_[i]) all += "RCPT TO:<" + mail->to[i] + ">\r\n";
    }
    all += "DATA\r\n";
    const Result<void> written = co_await stream_->write_all(all, deadline());
    if (!written) {
      stale_ = !first;
      decide(std::unexpected(written.error()), "MAIL");
      co_return false;
    }
  }
  Result<SmtpReply> sender = fail(ErrorKind::Internal, "not asked");
  if (pipelined) {
    sender = co_await read_reply();
  } else {
    sender = co_await command(*line);
  }
  const bool sent_away = !sender || sender->code == 421;
  if (sent_away) stale_ = !first;
  const std::vector<bool> asked_before = decided_;
  if (!sender || sender->category() != 2) {
    decide(sender, "MAIL");
    if (!pipelined || sent_away) co_return false;
  }
  bool any = false;
  for (std::size_t i = 0; i < mail->to.size(); ++i) {
    if (asked_before[i]) continue;
    Result<SmtpReply> reply = fail(ErrorKind::Internal, "not asked");
    if (pipelined) {
      reply = co_await read_reply();
    } else {
      reply = co_await command("RCPT TO:<" + mail->to[i] + ">");
    }
    if (!decided_[i]) any = take_recipient(reply, i, any) || any;
    if (broken_ || !reply) co_return false;
  }
  if (!any && !pipelined) {
    needs_reset_ = true;
    co_return false;
  }
  Result<SmtpReply> go_on = fail(ErrorKind::Internal, "not asked");
  if (pipelined) {
    go_on = co_await read_reply();
  } else {
    go_on = co_await command("DATA");
  }
  if (!any) {
    needs_reset_ = true;
    if (!go_on) broken_ = true;
    if (!go_on || go_on->code != 354) co_return false;
    // RFC 2920 3.1: nobody gets it, but the server waits for its end.
    const Result<void> ended = co_await stream_->write_all(".\r\n", deadline());
    if (!ended) broken_ = true;
    if (broken_) co_return false;
    const Result<SmtpReply> ignored = co_await read_reply();
    if (!ignored) broken_ = true;
    co_return false;
  }
  if (!go_on || go_on->code != 354) {
    decide(go_on, "DATA");
    co_return false;
  }
  co_return true;
}

Task<void> SmtpSession::content(std::string_view stuffed) {
  for (std::size_t at = 0; at < stuffed.size(); at += kPiece) {
    const Result<void> written =
        co_await stream_->write_all(stuffed.substr(at, kPiece), deadline());
    if (!written) {
      fail_all(0, "content: " + written.error().message);
      co_return;
    }
  }
  // From the first byte of this write on, the server may have the whole mail.
  const Result<void> ended = co_await stream_->write_all(".\r\n", deadline());
  if (!ended) {
    broken_ = true;
    decide(Kind::InDoubt, 0, "after the final dot: " + ended.error().message);
    co_return;
  }
  const Result<SmtpReply> reply = co_await read_reply();
  if (!reply) {
    broken_ = true;
    decide(Kind::InDoubt, 0, "after the final dot: " + reply.error().message);
  } else if (reply->category() == 2) {
    decide(Kind::Sent, reply->code, reply->text());
  } else if (reply->category() == 3) {
    broken_ = true;
    decide(Kind::InDoubt, reply->code, "after the final dot: an answer that fits no rule");
  } else {
    decide(reply, "content");
  }
}

Task<void> SmtpSession::quit() {
  if (!stream_) co_return;
  const std::int64_t until = std::min(clock_.monotonic_us() + kQuitUs, deadline());
  const Result<void> written = co_await stream_->write_all("QUIT\r\n", until);
  (void)written;  // whatever it says, everything is decided
  close();
}

void SmtpSession::close() {
  opened_ = false;
  if (stream_) stream_->close();
  stream_.reset();
}

void SmtpSession::prepare(const SmtpMail& mail) {
  stale_ = false;
  results_.assign(mail.to.size(), {});
  decided_.assign(mail.to.size(), false);
  for (std::size_t i = 0; i < mail.to.size(); ++i) {
    results_[i].recipient = static_cast<std::int32_t>(i);
    results_[i].via = name();
    // Checked before it was stored, and again here, before the wire.
    if (is_email_address(mail.to[i])) continue;
    decided_[i] = true;
    results_[i].kind = Kind::Failed;
    results_[i].text = "the recipient is no email address";
  }
  if (!is_email_address(mail.from)) decide(Kind::Failed, 0, "the sender is no email address");
}

Task<std::vector<RecipientResult>> SmtpSession::transfer(const SmtpMail* mail) {
  prepare(*mail);
  if (std::ranges::find(decided_, false) == decided_.end()) co_return std::move(results_);
  const bool begun = co_await begin(mail);
  bool taken = false;
  if (begun) taken = co_await envelope(mail);
  if (taken) {
    const std::string stuffed = dot_stuffed(mail->content);
    co_await content(stuffed);
  }
  decide(Kind::Deferred, 0, "the session ended early");
  co_return std::move(results_);
}

Task<std::vector<RecipientResult>> SmtpSession::send(SmtpMail mail) {
  prepare(mail);
  if (std::ranges::find(decided_, false) == decided_.end()) co_return std::move(results_);
  co_await open();
  if (!opened_) {
    decide(Kind::Deferred, 0, "the session ended early");
    co_return std::move(results_);
  }
  std::vector<RecipientResult> results = co_await transfer(&mail);
  co_await quit();
  co_return results;
}

}  // namespace sallyport::messaging
