// What the SMPP channel keeps: the parts that an SMSC has accepted, under its ids; receipts, those
// too that come before what they are about; incoming messages; and who has said STOP. Implemented
// by storage. As of MessageStore: reads are synchronous on the caller's own connection, writes are
// durable before `done`, which is called on the writer's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messaging/message_store.h"

namespace sallyport::messaging {

// Numbers are E.164 with their '+'.
struct AcceptedPart {
  MessageId message = {};
  std::int32_t recipient = 0;
  AccountId account = {};
  std::int32_t part = 1;
  std::int32_t parts = 1;
  std::string smsc = {};
  std::string key = {};  // receipt_key() of the SMSC's id; empty = it gave none
  std::string number = {};
  std::int64_t time_us = 0;
  bool late = false;  // it was in doubt meanwhile
};

// A receipt that is the last word about a part.
struct PartReport {
  std::string smsc = {};
  std::string id = {};                    // as written
  std::vector<std::string> keys = {};     // what it may have been stored as, likeliest first
  std::vector<std::string> numbers = {};  // of the receipt's addresses: one is the recipient's
  bool delivered = false;
  std::string word = {};  // "DELIVRD"
  std::int32_t error = 0;
  std::int64_t time_us = 0;
};

struct IncomingSms {
  enum class Word : std::uint8_t { None, Stop, Start };
  std::string smsc = {};
  std::string source = {};       // who sent it
  std::string destination = {};  // our number, as the SMSC writes it
  std::string text = {};
  // Of a text in several parts, which is stored when all are there.
  std::int32_t reference = 0;
  std::int32_t total = 1;
  std::int32_t number = 1;
  std::int64_t time_us = 0;
};
// What a whole text asks for: STOP or START and their like alone, in any case.
IncomingSms::Word word_of(std::string_view text);

// Asked for each recipient before the wire.
struct SmsDispatch {
  bool stopped = false;             // the number has sent STOP to the account
  std::vector<std::int32_t> parts;  // that were accepted in an attempt before
};

class SmsStore {
 public:
  virtual ~SmsStore() = default;
  virtual Result<SmsDispatch> sms_dispatch(AccountId account, MessageId message,
                                           std::int32_t recipient, const std::string& number) = 0;
  // A receipt that was here before is applied. A late one ends the doubt, unless the part was
  // accepted once more meanwhile.
  virtual void part_accepted(AcceptedPart part, Done<bool> done) = 0;
  // True when it is about a part that is known; else it is kept for a day.
  virtual void part_reported(PartReport report, Done<bool> done) = 0;
  virtual void sms_received(IncomingSms sms, Done<bool> done) = 0;
};

}  // namespace sallyport::messaging
