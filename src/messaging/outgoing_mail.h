// Makes the mail of an attempt, one way for every channel that carries mail: who it is from, its
// text (mime.h), its DKIM signature, and the envelope's sender, which bounces come back to. Owned
// by the composition, used on the delivery loop; what it refers to outlives it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "messaging/dkim.h"
#include "messaging/message.h"
#include "messaging/sender_directory.h"

namespace sallyport::messaging {

class OutgoingMail {
 public:
  // `own` is the installation's address, for messages that say nothing else.
  explicit OutgoingMail(std::string own) : own_(std::move(own)) {}
  // Signs for domains of `senders`, whose private keys are sealed with `store_key`.
  void sign_for(const SenderDirectory& senders, Secret store_key);
  // From then on each recipient's bounces come to an address of their own at `domain`.
  void bounce_to(std::string domain, Secret key);

  // The address in From. A sender that the account has no longer is refused.
  Result<std::string> from_of(const Message& message) const;
  // Invalid: it can never become a mail.
  Result<std::string> write(const Message& message, const std::vector<std::string>& to);
  // Each recipient needs a transaction of its own, with this sender.
  bool bounces_apart() const { return !bounce_domain_.empty(); }
  std::string envelope_of(const Message& message, std::int32_t recipient,
                          std::string_view from) const;

 private:
  std::shared_ptr<const DkimSigner> signer_of(const Message& message, std::string_view from);

  std::string own_;
  const SenderDirectory* senders_ = nullptr;
  Secret store_key_;
  std::string bounce_domain_;
  Secret bounce_key_;
  struct Known {
    std::string sealed;  // what it was made from
    std::shared_ptr<const DkimSigner> signer;
  };
  std::map<SenderId, Known> signers_;
};

inline constexpr std::string_view kDkimSealContext = "dkim key 1";

}  // namespace sallyport::messaging
