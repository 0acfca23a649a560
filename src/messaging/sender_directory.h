// What each account may send from, and how much. SenderTable keeps it in memory: loaded at start
// and changed on the control thread, read by every worker and the delivery loop without a lock. A
// record lives until the reader's next suspension; nothing fails.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/entities.h"
#include "base/table.h"

namespace sallyport::messaging {

// Of one account.
struct SendingRecord {
  AccountId account;
  std::vector<Sender> senders;  // in the order of their making, those that wait too
  SendingRules rules;
  std::uint64_t hash() const;

  // An active sender of the account: this address, or its domain.
  bool may_send_from(std::string_view address) const;
  bool may_send_sms_from(std::string_view name) const;
  // The oldest address, or nothing.
  std::string first_address() const;
  std::string first_sms_sender() const;
  const Sender* domain(std::string_view name) const;  // active, else nullptr
};

class SenderDirectory {
 public:
  virtual ~SenderDirectory() = default;
  virtual const SendingRecord* of(AccountId account) const = 0;  // nullptr: it has nothing
};

class SenderTable final : public SenderDirectory {
 public:
  explicit SenderTable(Reclaimer& reclaimer) : table_(reclaimer) {}

  void load(const Entities& entities);  // control thread, before the traffic
  void apply(const Change& change);     // control thread

  const SendingRecord* of(AccountId account) const override;

 private:
  SendingRecord copy_of(AccountId account) const;
  void replace(SendingRecord record);

  Table<SendingRecord> table_;
};

}  // namespace sallyport::messaging
