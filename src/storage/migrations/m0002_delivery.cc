// Deliveries: attempts one by one, times and classes of messages, repetitions, senders and what an
// account may send. A recipient is held by a next_attempt_us that never comes (the largest number).

#include "storage/migrations/migrate.h"

namespace sallyport::storage {

const char* const kMigration0002Delivery = R"sql(
ALTER TABLE message ADD COLUMN sender TEXT NOT NULL DEFAULT '';  -- '' = the installation's
ALTER TABLE message ADD COLUMN sms_sender TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;  -- 0 transactional, 1 marketing
ALTER TABLE message ADD COLUMN not_before_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN expires_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message_content ADD COLUMN unsubscribe_url TEXT NOT NULL DEFAULT '';
ALTER TABLE message_content ADD COLUMN one_click INTEGER NOT NULL DEFAULT 0;

-- What happened to a recipient, try by try; whatever deletes the message deletes these.
CREATE TABLE attempt (
  message_id BLOB NOT NULL,
  n INTEGER NOT NULL,       -- the recipient
  number INTEGER NOT NULL,  -- from 1
  started_us INTEGER NOT NULL,  -- 0 = not known: the process ended meanwhile
  ended_us INTEGER NOT NULL,
  result INTEGER NOT NULL,  -- the state it led to; 7 also when it is made again
  code INTEGER NOT NULL,
  text TEXT NOT NULL,
  via TEXT NOT NULL,
  PRIMARY KEY (message_id, n, number)
) STRICT, WITHOUT ROWID;

-- The dead letters.
CREATE INDEX recipient_failed ON recipient (account_id, failed_us) WHERE state = 6;

CREATE TABLE repetition (
  message_id BLOB PRIMARY KEY REFERENCES message ON DELETE CASCADE,
  next_us INTEGER,  -- of the next copy; NULL = none any more
  remaining INTEGER NOT NULL,
  count INTEGER NOT NULL,
  days INTEGER NOT NULL,
  hours INTEGER NOT NULL,
  minutes INTEGER NOT NULL,
  zone TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX repetition_next ON repetition (next_us) WHERE next_us IS NOT NULL;

-- Counted in the transaction of each message, for accounts that have a limit.
CREATE TABLE send_count (
  account_id INTEGER PRIMARY KEY,
  minute INTEGER NOT NULL,  -- since 1970
  minute_count INTEGER NOT NULL,
  day INTEGER NOT NULL,
  day_count INTEGER NOT NULL,
  sms_day_count INTEGER NOT NULL
) STRICT;

CREATE TABLE sender (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account ON DELETE RESTRICT,
  kind TEXT NOT NULL,   -- domain, address, sms
  value TEXT NOT NULL,  -- lower case but for SMS
  status TEXT NOT NULL,
  token TEXT NOT NULL,
  dkim_selector TEXT NOT NULL,
  dkim_kind TEXT NOT NULL,  -- '', rsa, ed25519
  dkim_key BLOB NOT NULL,   -- sealed
  dkim_public TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  UNIQUE (account_id, kind, value)
) STRICT;

CREATE TABLE sending_rules (
  id INTEGER PRIMARY KEY REFERENCES account ON DELETE CASCADE,  -- the account's
  per_minute INTEGER,
  per_day INTEGER,
  sms_per_day INTEGER,
  retention_days INTEGER,
  sms_prefixes TEXT NOT NULL,  -- separated by blanks
  sms_country TEXT NOT NULL,
  created_us INTEGER NOT NULL
) STRICT;
)sql";

}  // namespace sallyport::storage
