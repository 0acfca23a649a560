// messaging::SmsStore on the store's writer and readers. Owned by the Store; any thread.
#pragma once

#include <functional>
#include <string>

#include "messaging/sms_store.h"
#include "storage/readers.h"
#include "storage/writer.h"

namespace sallyport::storage {

class SmsLog final : public messaging::SmsStore {
 public:
  SmsLog(Writer& writer, Readers& readers) : writer_(writer), readers_(readers) {}

  Result<messaging::SmsDispatch> sms_dispatch(AccountId account, MessageId message,
                                              std::int32_t recipient,
                                              const std::string& number) override;
  void part_accepted(messaging::AcceptedPart part, messaging::Done<bool> done) override;
  void part_reported(messaging::PartReport report, messaging::Done<bool> done) override;
  void sms_received(messaging::IncomingSms sms, messaging::Done<bool> done) override;

 private:
  void write(std::function<Result<bool>(Database&)> change, messaging::Done<bool> done);

  Writer& writer_;
  Readers& readers_;
};

}  // namespace sallyport::storage
