// Schema 6. SMS: the parts that an SMSC has accepted, receipts that came before them, what people
// write back, and who wants to hear no more. Numbers are E.164 with their '+'.

#include "storage/migrations/migrate.h"

namespace sallyport::storage {

const char* const kMigration0006Sms = R"sql(
-- Whatever deletes the message deletes these.
CREATE TABLE sms_part (
  message_id BLOB NOT NULL,
  n INTEGER NOT NULL,     -- the recipient
  part INTEGER NOT NULL,  -- from 1
  parts INTEGER NOT NULL,
  account_id INTEGER NOT NULL,
  smsc TEXT NOT NULL,
  id_key TEXT NOT NULL,  -- the SMSC's id in lower case, without zeros in front; '' = it gave none
  number TEXT NOT NULL,
  state INTEGER NOT NULL,  -- 0 no last word yet, 1 delivered, 2 failed
  accepted_us INTEGER NOT NULL,
  PRIMARY KEY (message_id, n, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX sms_part_id ON sms_part (smsc, id_key);
CREATE INDEX sms_part_number ON sms_part (number, accepted_us);

-- A receipt that nobody knows yet, once for each key that its part may be stored under.
CREATE TABLE sms_orphan (
  smsc TEXT NOT NULL,
  id_key TEXT NOT NULL,
  receipt TEXT NOT NULL,  -- the id as it came
  numbers TEXT NOT NULL,  -- separated by blanks
  delivered INTEGER NOT NULL,
  word TEXT NOT NULL,
  error INTEGER NOT NULL,
  received_us INTEGER NOT NULL,
  PRIMARY KEY (smsc, id_key, receipt, received_us)
) STRICT, WITHOUT ROWID;
CREATE INDEX sms_orphan_received ON sms_orphan (received_us);

-- Of texts whose other parts are not there yet.
CREATE TABLE sms_incoming_part (
  smsc TEXT NOT NULL,
  source TEXT NOT NULL,
  destination TEXT NOT NULL,
  reference INTEGER NOT NULL,
  total INTEGER NOT NULL,
  number INTEGER NOT NULL,
  text TEXT NOT NULL,
  received_us INTEGER NOT NULL,
  PRIMARY KEY (smsc, source, destination, reference, total, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX sms_incoming_part_received ON sms_incoming_part (received_us);

CREATE TABLE sms_incoming (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL,  -- 0 = nobody knows whose it is
  message_id BLOB,              -- the message that it probably answers
  smsc TEXT NOT NULL,
  source TEXT NOT NULL,
  destination TEXT NOT NULL,  -- our number, as the SMSC writes it
  text TEXT NOT NULL,
  received_us INTEGER NOT NULL
) STRICT;
CREATE INDEX sms_incoming_account ON sms_incoming (account_id, received_us);

CREATE TABLE sms_stop (
  account_id INTEGER NOT NULL,  -- 0 = every one
  number TEXT NOT NULL,
  since_us INTEGER NOT NULL,
  PRIMARY KEY (number, account_id)
) STRICT, WITHOUT ROWID;
)sql";

}  // namespace sallyport::storage
