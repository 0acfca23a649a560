#include "messaging/channels/smtp.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "messaging/address.h"
#include "messaging/channels/smtp_session.h"
#include "messaging/mime.h"

namespace sallyport::messaging {
namespace {

std::string machine_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  return name.data();
}

// A name that is not one would be refused by the relay with every mail.
std::string helo_name(const std::string& configured) {
  std::string name = configured.empty() ? machine_name() : configured;
  return is_email_address("x@" + name) ? name : "localhost";
}

Delivery all_failed(const Attempt& attempt, const std::string& text) {
  Delivery delivery;
  for (const std::int32_t recipient : attempt.recipients) {
    delivery.results.push_back(
        {.recipient = recipient, .kind = RecipientResult::Kind::Failed, .code = 0, .text = text});
  }
  return delivery;
}

}  // namespace

SmtpChannel::SmtpChannel(const config::SmtpChannel& relay, std::string mail_from,
                         Connector& connector, const Clock& clock)
    : relay_(relay),
      mail_from_(std::move(mail_from)),
      helo_(helo_name(relay.helo)),
      connector_(connector),
      clock_(clock) {}

void SmtpChannel::release() {
  if (waiting_.empty()) {
    --in_use_;
    return;
  }
  auto next = std::move(waiting_.front());
  waiting_.pop_front();
  next(true);  // the place goes from hand to hand
}

Task<Delivery> SmtpChannel::deliver(Attempt attempt) {
  if (in_use_ < std::max<std::uint32_t>(relay_.connections, 1)) {
    ++in_use_;
  } else {
    LoopWait<bool> place;
    waiting_.push_back(place.resolver());
    co_await place;
  }
  SmtpMail mail;
  mail.from = mail_from_;
  for (const std::int32_t recipient : attempt.recipients) {
    const auto one = std::ranges::find(attempt.message.recipients, recipient, &Recipient::index);
    mail.to.push_back(one == attempt.message.recipients.end() ? "" : one->destination);
  }
  auto content = write_mail(attempt.message, mail_from_, mail.to);
  if (!content) {
    release();
    co_return all_failed(attempt, content.error().message);
  }
  mail.content = std::move(*content);
  Delivery delivery;
  {
    SmtpSession session(relay_, helo_, connector_, clock_);
    delivery.results = co_await session.send(std::move(mail));
  }
  for (RecipientResult& result : delivery.results) {
    result.recipient = attempt.recipients[static_cast<std::size_t>(result.recipient)];
  }
  release();
  co_return delivery;
}

}  // namespace sallyport::messaging
