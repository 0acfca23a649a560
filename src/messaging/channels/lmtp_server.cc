#include "messaging/channels/lmtp_server.h"

#include <array>
#include <utility>

#include "base/encoding.h"
#include "messaging/bounce_report.h"
#include "messaging/loop_wait.h"

namespace sallyport::messaging {
namespace {

constexpr std::size_t kMaxLine = 2'000;
constexpr std::size_t kMaxSessions = 32;
constexpr std::size_t kMaxRecipients = 100;
constexpr std::size_t kKept = 256 * 1024;  // of a mail: the report stands in front
constexpr std::size_t kMaxMail = 64 * 1024 * 1024;
constexpr std::int64_t kStepUs = 60'000'000;  // each line's time

// "TO:<a@b> ..." -> "a@b"
std::string path_of(std::string_view text) {
  const std::size_t open = text.find('<');
  const std::size_t close = text.find('>', open);
  if (open == std::string_view::npos || close == std::string_view::npos) return {};
  return std::string(text.substr(open + 1, close - open - 1));
}

}  // namespace

LmtpServer::LmtpServer(std::string domain, Secret key, MessageStore& store, Loop& loop,
                       const Clock& clock)
    : domain_(std::move(domain)), key_(std::move(key)), store_(store), loop_(loop), clock_(clock) {}

LmtpServer::~LmtpServer() { *alive_ = false; }

std::int64_t LmtpServer::deadline() const { return clock_.monotonic_us() + kStepUs; }

void LmtpServer::take(std::unique_ptr<Stream> stream) {
  if (sessions_.size() >= kMaxSessions) return;  // closes: a mail server comes again
  Session& session = sessions_.emplace_back();
  session.stream = std::move(stream);
  const auto self = std::prev(sessions_.end());
  session.task = run(self);
  session.task.start();
}

Task<void> LmtpServer::run(Sessions::iterator session) {
  co_await serve(&*session);
  session->stream->close();
  // Not from inside its own coroutine.
  loop_.post([this, session, alive = alive_] {
    if (*alive) sessions_.erase(session);
  });
}

Task<void> LmtpServer::serve(Session* session) {
  bool goes_on = co_await say(session, "220 sallyport LMTP");
  while (goes_on) {
    Result<std::string> line = co_await read_line(session);
    if (!line) co_return;
    goes_on = co_await command(session, std::move(*line));
  }
}

Task<bool> LmtpServer::say(Session* session, std::string answer) {
  answer += "\r\n";
  const Result<void> written = co_await session->stream->write_all(answer, deadline());
  co_return written.has_value();
}

Task<Result<std::string>> LmtpServer::read_line(Session* session) {
  const std::int64_t until = deadline();
  std::array<char, 4096> bytes{};
  for (;;) {
    const std::size_t end = session->buffer.find('\n');
    if (end != std::string::npos) {
      std::string line = session->buffer.substr(0, end);
      session->buffer.erase(0, end + 1);
      if (line.ends_with('\r')) line.pop_back();
      co_return line;
    }
    if (session->buffer.size() > kMaxLine) {
      co_return fail(ErrorKind::Invalid, "a line without an end");
    }
    const Result<std::size_t> got = co_await session->stream->read_some(bytes, until);
    if (!got) co_return std::unexpected(got.error());
    if (*got == 0) co_return fail(ErrorKind::Unavailable, "the peer has gone");
    session->buffer.append(bytes.data(), *got);
  }
}

// False: the session is over.
Task<bool> LmtpServer::command(Session* session, std::string line) {
  const std::string verb = ascii_lower(std::string_view(line).substr(0, line.find(' ')));
  std::string answer = "500 5.5.1 unknown command";
  if (verb == "lhlo") {
    answer = "250-sallyport\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 ENHANCEDSTATUSCODES";
  } else if (verb == "helo" || verb == "ehlo") {
    answer = "500 5.5.1 this is LMTP: say LHLO";
  } else if (verb == "mail") {
    session->mail = true;
    session->recipients.clear();
    answer = "250 2.1.0 ok";
  } else if (verb == "rcpt") {
    const auto address = parse_bounce_address(path_of(line), domain_, key_);
    if (!session->mail) {
      answer = "503 5.5.1 MAIL first";
    } else if (!address) {
      answer = "550 5.1.1 nobody is here";
    } else if (session->recipients.size() >= kMaxRecipients) {
      answer = "452 4.5.3 too many recipients";
    } else {
      session->recipients.push_back(*address);
      answer = "250 2.1.5 ok";
    }
  } else if (verb == "data") {
    if (!session->recipients.empty()) {
      const bool goes_on = co_await content(session);
      co_return goes_on;
    }
    answer = "503 5.5.1 no valid recipients";
  } else if (verb == "rset") {
    session->mail = false;
    session->recipients.clear();
    answer = "250 2.0.0 ok";
  } else if (verb == "noop") {
    answer = "250 2.0.0 ok";
  } else if (verb == "quit") {
    const bool said = co_await say(session, "221 2.0.0 bye");
    (void)said;
    co_return false;
  }
  const bool goes_on = co_await say(session, std::move(answer));
  co_return goes_on;
}

Task<bool> LmtpServer::content(Session* session) {
  const bool asked = co_await say(session, "354 go on");
  if (!asked) co_return false;
  std::string mail;
  std::size_t total = 0;
  for (;;) {
    const Result<std::string> line = co_await read_line(session);
    if (!line) co_return false;
    if (*line == ".") break;
    total += line->size();
    if (total > kMaxMail) co_return false;
    if (mail.size() > kKept) continue;
    mail.append(line->starts_with('.') ? std::string_view(*line).substr(1) : *line).append("\n");
  }
  const std::vector<BounceAddress> recipients = std::exchange(session->recipients, {});
  session->mail = false;
  for (const BounceAddress& one : recipients) {  // RFC 2033 4.2: an answer for each
    const bool stored = co_await settle(one, mail);
    const bool said = co_await say(session, stored ? "250 2.0.0 ok" : "451 4.3.0 try again later");
    if (!said) co_return false;
  }
  co_return true;
}

// True once it is durable, or when there is nothing to record.
Task<bool> LmtpServer::settle(BounceAddress recipient, std::string_view mail) {
  const auto report = read_bounce(mail);
  if (!report || report->action == BounceReport::Action::Delayed) co_return true;
  DeliveryUpdate update{.message = recipient.message,
                        .recipient = recipient.recipient,
                        .state = report->action == BounceReport::Action::Failed
                                     ? DeliveryState::Failed
                                     : DeliveryState::Delivered,
                        .time_us = clock_.unix_us(),
                        .code = report->code,
                        .text = report->text};
  LoopWait<Result<bool>> written;
  store_.report(std::move(update), written.post_to(loop_));
  const Result<bool> result = co_await written;
  co_return result.has_value();
}

}  // namespace sallyport::messaging
