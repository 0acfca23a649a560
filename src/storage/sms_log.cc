#include "storage/sms_log.h"

#include <memory>
#include <utility>

#include "storage/sms_incoming_rows.h"
#include "storage/sms_rows.h"
#include "storage/store_operations.h"

namespace sallyport::storage {

void SmsLog::write(std::function<Result<bool>(Database&)> change, messaging::Done<bool> done) {
  writer_.submit(Writer::Lane::Control,
                 std::make_unique<Computed<bool>>(std::move(change), std::move(done)));
}

Result<messaging::SmsDispatch> SmsLog::sms_dispatch(AccountId account, MessageId message,
                                                    std::int32_t recipient,
                                                    const std::string& number) {
  auto database = readers_.current();
  if (!database) return std::unexpected(database.error());
  return read_dispatch(**database, account, message, recipient, number);
}

void SmsLog::part_accepted(messaging::AcceptedPart part, messaging::Done<bool> done) {
  write([part = std::move(part)](Database& database) { return accept_part(database, part); },
        std::move(done));
}

void SmsLog::part_reported(messaging::PartReport report, messaging::Done<bool> done) {
  write([report =
             std::move(report)](Database& database) { return take_part_report(database, report); },
        std::move(done));
}

void SmsLog::sms_received(messaging::IncomingSms sms, messaging::Done<bool> done) {
  write([sms = std::move(sms)](Database& database) { return take_incoming(database, sms); },
        std::move(done));
}

}  // namespace sallyport::storage
