// An SmsStore in memory that only remembers; it fails when told to. One thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "messaging/sms_store.h"

namespace sallyport::messaging::test {

class FakeSmsStore final : public SmsStore {
 public:
  Result<SmsDispatch> sms_dispatch(AccountId, MessageId, std::int32_t,
                                   const std::string&) override {
    if (reads_fail) return fail(ErrorKind::Unavailable, "told to");
    return dispatch;
  }
  void part_accepted(AcceptedPart part, Done<bool> done) override {
    if (finish(std::move(done))) accepted.push_back(std::move(part));
  }
  void part_reported(PartReport report, Done<bool> done) override {
    if (finish(std::move(done))) reports.push_back(std::move(report));
  }
  void sms_received(IncomingSms sms, Done<bool> done) override {
    if (finish(std::move(done))) incoming.push_back(std::move(sms));
  }

  SmsDispatch dispatch;
  bool reads_fail = false;
  int failing_writes = 0;  // so many of the next ones fail
  std::vector<AcceptedPart> accepted;
  std::vector<PartReport> reports;
  std::vector<IncomingSms> incoming;

 private:
  bool finish(Done<bool> done) {
    const bool good = failing_writes == 0;
    if (!good) --failing_writes;
    done(good ? Result<bool>(true) : fail(ErrorKind::Unavailable, "told to"));
    return good;
  }
};

}  // namespace sallyport::messaging::test
