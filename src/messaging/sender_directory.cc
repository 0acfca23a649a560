#include "messaging/sender_directory.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>
#include <variant>

#include "base/encoding.h"
#include "messaging/address.h"

namespace sallyport::messaging {
namespace {

std::uint64_t hash_of(AccountId account) { return std::hash<AccountId>{}(account); }

}  // namespace

std::uint64_t SendingRecord::hash() const { return hash_of(account); }

const Sender* SendingRecord::domain(std::string_view name) const {
  const auto found = std::ranges::find_if(senders, [name](const Sender& one) {
    return one.kind == SenderKind::Domain && one.status == sallyport::Status::Active &&
           equal_ascii_case(one.value, name);
  });
  return found == senders.end() ? nullptr : &*found;
}

bool SendingRecord::may_send_from(std::string_view address) const {
  if (domain(domain_of(address)) != nullptr) return true;
  return std::ranges::any_of(senders, [address](const Sender& one) {
    return one.kind == SenderKind::Address && one.status == sallyport::Status::Active &&
           equal_ascii_case(one.value, address);
  });
}

bool SendingRecord::may_send_sms_from(std::string_view name) const {
  return std::ranges::any_of(senders, [name](const Sender& one) {
    return one.kind == SenderKind::Sms && one.status == sallyport::Status::Active &&
           equal_ascii_case(one.value, name);
  });
}

namespace {

std::string first_of(const std::vector<Sender>& senders, SenderKind kind) {
  const auto found = std::ranges::find_if(senders, [kind](const Sender& one) {
    return one.kind == kind && one.status == sallyport::Status::Active;
  });
  return found == senders.end() ? std::string() : found->value;
}

}  // namespace

std::string SendingRecord::first_address() const { return first_of(senders, SenderKind::Address); }
std::string SendingRecord::first_sms_sender() const { return first_of(senders, SenderKind::Sms); }

const SendingRecord* SenderTable::of(AccountId account) const {
  return table_.find(hash_of(account),
                     [account](const SendingRecord& one) { return one.account == account; });
}

SendingRecord SenderTable::copy_of(AccountId account) const {
  const SendingRecord* found = of(account);
  if (found != nullptr) return *found;
  SendingRecord fresh;
  fresh.account = account;
  return fresh;
}

void SenderTable::replace(SendingRecord record) {
  const AccountId account = record.account;
  std::ranges::sort(record.senders, {},
                    [](const Sender& one) { return std::tuple(one.created_us, one.id); });
  table_.put(std::make_unique<const SendingRecord>(std::move(record)),
             [account](const SendingRecord& one) { return one.account == account; });
}

void SenderTable::load(const Entities& entities) {
  Change all;
  for (const Sender& one : entities.senders) all.put.emplace_back(one);
  for (const SendingRules& one : entities.sending_rules) all.put.emplace_back(one);
  apply(all);
}

void SenderTable::apply(const Change& change) {
  for (const Entity& entity : change.put) {
    if (const auto* sender = std::get_if<Sender>(&entity)) {
      SendingRecord record = copy_of(sender->account);
      std::erase_if(record.senders, [&](const Sender& one) { return one.id == sender->id; });
      record.senders.push_back(*sender);
      replace(std::move(record));
    } else if (const auto* rules = std::get_if<SendingRules>(&entity)) {
      SendingRecord record = copy_of(rules->id);
      record.rules = *rules;
      replace(std::move(record));
    }
  }
  for (const Entity& entity : change.remove) {
    if (const auto* sender = std::get_if<Sender>(&entity)) {
      SendingRecord record = copy_of(sender->account);
      std::erase_if(record.senders, [&](const Sender& one) { return one.id == sender->id; });
      replace(std::move(record));
    }
  }
}

}  // namespace sallyport::messaging
