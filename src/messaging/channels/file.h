// The file channel: every recipient's mail becomes a file outbox/<message id>-<n>.eml, whole or not
// at all (temporary file, fsync, rename), mode 0600. Owned by the composition, called on the
// delivery loop, which it blocks for the time of a write. A folder that cannot be written defers.
#pragma once

#include <string>

#include "messaging/channel.h"
#include "messaging/outgoing_mail.h"

namespace sallyport::messaging {

class FileChannel final : public Channel {
 public:
  // `directory` absolute; made, with mode 0700, when it is not there.
  FileChannel(std::string directory, OutgoingMail& mail);

  ChannelKind kind() const override { return ChannelKind::Email; }
  Task<Delivery> deliver(Attempt attempt) override;

 private:
  RecipientResult write(const Message& message, std::int32_t recipient);

  std::string directory_;
  OutgoingMail& mail_;
};

}  // namespace sallyport::messaging
