#include "messaging/channels/file.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/whole_file.h"

namespace sallyport::messaging {
namespace {

using Kind = RecipientResult::Kind;

}  // namespace

FileChannel::FileChannel(std::string directory, OutgoingMail& mail)
    : directory_(std::move(directory)), mail_(mail) {
  ::mkdir(directory_.c_str(), 0700);  // if this fails, every write says so
}

RecipientResult FileChannel::write(const Message& message, std::int32_t recipient) {
  RecipientResult result;
  result.recipient = recipient;
  result.via = "file";
  const auto one = std::ranges::find(message.recipients, recipient, &Recipient::index);
  if (one == message.recipients.end()) {
    result.kind = Kind::Failed;
    result.text = "no such recipient";
    return result;
  }
  const auto mail = mail_.write(message, {one->destination});
  if (!mail) {
    result.kind = Kind::Failed;
    result.text = mail.error().message;
    return result;
  }
  const auto written =
      write_whole_file(fmt::format("{}/{}-{}.eml", directory_, message.id.hex(), recipient), *mail);
  result.kind = written ? Kind::Sent : Kind::Deferred;
  if (!written) result.text = written.error().message;
  return result;
}

Task<Delivery> FileChannel::deliver(Attempt attempt) {
  Delivery delivery;
  for (const std::int32_t recipient : attempt.recipients) {
    delivery.results.push_back(write(attempt.message, recipient));
  }
  co_return delivery;
}

}  // namespace sallyport::messaging
