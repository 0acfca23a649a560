#include "messaging/outgoing_mail.h"

#include <utility>

#include "base/crypto.h"
#include "base/encoding.h"
#include "messaging/address.h"
#include "messaging/bounce_address.h"
#include "messaging/mime.h"

namespace sallyport::messaging {

void OutgoingMail::sign_for(const SenderDirectory& senders, Secret store_key) {
  senders_ = &senders;
  store_key_ = std::move(store_key);
}

void OutgoingMail::bounce_to(std::string domain, Secret key) {
  bounce_domain_ = std::move(domain);
  bounce_key_ = std::move(key);
}

Result<std::string> OutgoingMail::from_of(const Message& message) const {
  if (message.sender.empty() || equal_ascii_case(message.sender, own_)) return own_;
  if (senders_ != nullptr) {
    const SendingRecord* record = senders_->of(message.account);
    if (record == nullptr || !record->may_send_from(message.sender)) {
      return fail(ErrorKind::Invalid, "the sender is no verified sender of the account any more");
    }
  }
  return message.sender;
}

std::shared_ptr<const DkimSigner> OutgoingMail::signer_of(const Message& message,
                                                          std::string_view from) {
  if (senders_ == nullptr) return nullptr;
  const SendingRecord* record = senders_->of(message.account);
  const Sender* domain = record == nullptr ? nullptr : record->domain(domain_of(from));
  if (domain == nullptr || domain->dkim_selector.empty()) return nullptr;
  Known& known = signers_[domain->id];
  if (known.signer && known.sealed == domain->dkim_key) return known.signer;
  const auto key = open_sealed(store_key_, domain->dkim_key, kDkimSealContext);
  if (!key) return nullptr;
  auto made = DkimSigner::make(domain->value, domain->dkim_selector, *key);
  if (!made) return nullptr;
  known = {domain->dkim_key, *made};
  return *made;
}

Result<std::string> OutgoingMail::write(const Message& message,
                                        const std::vector<std::string>& to) {
  const auto from = from_of(message);
  if (!from) return std::unexpected(from.error());
  auto mail = write_mail(message, *from, to);
  if (!mail) return mail;
  const auto signer = signer_of(message, *from);
  if (!signer) return mail;
  // The message's own time: the same bytes on every attempt, but for the signature's dice.
  const auto signature = signer->sign(*mail, message.created_us);
  if (!signature) return std::unexpected(signature.error());
  return *signature + *mail;
}

std::string OutgoingMail::envelope_of(const Message& message, std::int32_t recipient,
                                      std::string_view from) const {
  if (bounce_domain_.empty()) return std::string(from);
  return bounce_address({message.id, recipient}, bounce_domain_, bounce_key_);
}

}  // namespace sallyport::messaging
