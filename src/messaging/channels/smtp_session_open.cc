// How a session comes to the point where mail may be given: connected, greeted, inside TLS, known.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "messaging/channels/smtp_session.h"
#include "messaging/text.h"

namespace sallyport::messaging {
namespace {

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

}  // namespace

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
  why_closed_.code = reply ? reply->code : 0;
  why_closed_.text = reply ? reply->text() : "EHLO: " + reply.error().message;
  decide(reply, "EHLO");
  co_return false;
}

Task<SmtpSession::Secured> SmtpSession::secure() {
  const bool required = relay_.security == config::SmtpSecurity::StartTls;
  if (relay_.security == config::SmtpSecurity::None || secured_) co_return Secured::Yes;
  if (!offers("STARTTLS")) {
    if (!required) co_return Secured::Yes;
    fail_all(0, "STARTTLS is required and the server does not offer it");
    co_return Secured::No;
  }
  const Result<SmtpReply> reply = co_await command("STARTTLS");
  if (!reply || reply->code != 220) {
    if (reply && !required && reply->code != 421) co_return Secured::Yes;
    // Whatever the code: that there is no TLS says nothing about the recipients.
    fail_all(reply ? reply->code : 0, reply ? reply->text() : "STARTTLS: " + reply.error().message);
    co_return Secured::No;
  }
  // What came in clear behind the answer must not be read as if it came inside TLS.
  if (!buffer_.empty()) {
    fail_all(0, "STARTTLS: the server sent more than its answer");
    co_return Secured::No;
  }
  TlsPolicy policy{
      .host = relay_.host, .ca_file = relay_.ca_file, .verify = required && relay_.verify};
  const Result<void> done = co_await stream_->start_tls(std::move(policy), deadline());
  if (!done) {
    if (!required) co_return Secured::ClearInstead;
    fail_all(0, "STARTTLS: " + done.error().message);
    co_return Secured::No;
  }
  secured_ = true;
  const bool greeted = co_await hello();  // what was said in clear does not count (RFC 3207 4.2)
  co_return greeted ? Secured::Yes : Secured::No;
}

// The password goes over TLS only, PLAIN (RFC 4616) before LOGIN.
Task<bool> SmtpSession::authenticate() {
  if (relay_.username.empty()) co_return true;
  const std::string_view password = password_ == nullptr ? "" : password_->reveal();
  const auto mechanisms = std::ranges::find_if(
      extensions_, [](const std::string& line) { return line.starts_with("AUTH "); });
  const auto knows = [&](std::string_view name) {
    return mechanisms != extensions_.end() &&
           (*mechanisms + " ").find(fmt::format(" {} ", name)) != std::string::npos;
  };
  if (!secured_ || (!knows("PLAIN") && !knows("LOGIN"))) {
    fail_all(0, secured_ ? "the relay offers neither AUTH PLAIN nor AUTH LOGIN"
                         : "AUTH needs TLS, and there is none");
    co_return false;
  }
  Result<SmtpReply> reply = fail(ErrorKind::Internal, "not asked");
  if (knows("PLAIN")) {
    std::string secret = std::string(1, '\0') + relay_.username + '\0' + std::string(password);
    reply = co_await command("AUTH PLAIN " + base64_encode(secret));
    wipe(secret);
  } else {
    reply = co_await command("AUTH LOGIN");
    if (reply && reply->code == 334) reply = co_await command(base64_encode(relay_.username));
    if (reply && reply->code == 334) reply = co_await command(base64_encode(password));
  }
  if (reply && reply->code == 235) co_return true;
  // Our own trouble: an operator can put it right, and then the mail still goes.
  fail_all(reply ? reply->code : 0,
           reply ? "AUTH: " + reply->text() : "AUTH: " + reply.error().message);
  co_return false;
}

Task<bool> SmtpSession::connect(bool allow_tls) {
  buffer_.clear();
  auto connected = co_await connector_.connect(relay_.host, relay_.port, deadline());
  if (!connected) {
    fail_all(0, "connect: " + connected.error().message);
    co_return false;
  }
  stream_ = std::move(*connected);
  if (relay_.security == config::SmtpSecurity::Tls) {
    TlsPolicy policy{.host = relay_.host, .ca_file = relay_.ca_file, .verify = relay_.verify};
    const Result<void> done = co_await stream_->start_tls(std::move(policy), deadline());
    if (!done) {
      fail_all(0, "TLS: " + done.error().message);
      co_return false;
    }
    secured_ = true;
  }
  const Result<SmtpReply> greeting = co_await read_reply();
  if (!greeting || greeting->code != 220) {
    if (greeting && greeting->category() == 5) {
      broken_ = true;
      why_closed_.code = greeting->code;
      why_closed_.text = greeting->text();
      decide(greeting, "greeting");
    } else {
      fail_all(greeting ? greeting->code : 0,
               greeting ? greeting->text() : "greeting: " + greeting.error().message);
    }
    co_return false;
  }
  const bool greeted = co_await hello();
  if (!greeted) co_return false;
  if (!allow_tls) co_return true;
  const Secured secured = co_await secure();
  if (secured != Secured::ClearInstead) co_return secured == Secured::Yes;
  // Opportunistic: a handshake that fails leaves a connection that nobody can use.
  stream_.reset();
  const bool opened = co_await connect(false);
  co_return opened;
}

Task<void> SmtpSession::open() {
  const bool connected = co_await connect(true);
  if (connected) opened_ = co_await authenticate();
  if (!opened_) close();
}

}  // namespace sallyport::messaging
