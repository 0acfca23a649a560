// Schema 4. Limits beyond a rate per second and a quota, for those few that have any; what quotas
// remember of their period; usage as `sallyport usage` asks for it.

#include "storage/migrations/migrate.h"

namespace sallyport::storage {

const char* const kMigration0004Limits = R"sql(
-- kind: account, plan, plan_shadow, plan_opening, subscription, api_key. Of an account and of a
-- plan's shadow all limits are here, of the others what their own rows have no column for.
CREATE TABLE more_limits (
  kind TEXT NOT NULL,
  owner_id INTEGER NOT NULL,
  n INTEGER NOT NULL,  -- of an opening, else 0
  rate_per_second INTEGER,
  burst INTEGER,
  quota INTEGER,
  quota_period TEXT NOT NULL,
  quota_anchor INTEGER NOT NULL,
  quota_time_zone TEXT NOT NULL,  -- '' = the account's
  rate_windows TEXT NOT NULL,     -- separated by blanks
  concurrency INTEGER,
  PRIMARY KEY (kind, owner_id, n)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER more_limits_account AFTER DELETE ON account BEGIN
  DELETE FROM more_limits WHERE kind = 'account' AND owner_id = old.id;
END;
CREATE TRIGGER more_limits_plan AFTER DELETE ON plan BEGIN
  DELETE FROM more_limits WHERE kind IN ('plan', 'plan_shadow', 'plan_opening')
    AND owner_id = old.id;
END;
CREATE TRIGGER more_limits_subscription AFTER DELETE ON subscription BEGIN
  DELETE FROM more_limits WHERE kind = 'subscription' AND owner_id = old.id;
END;
CREATE TRIGGER more_limits_api_key AFTER DELETE ON api_key BEGIN
  DELETE FROM more_limits WHERE kind = 'api_key' AND owner_id = old.id;
END;

ALTER TABLE quota_mark ADD COLUMN period_end_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quota_mark ADD COLUMN anchor INTEGER NOT NULL DEFAULT 1;
ALTER TABLE quota_mark ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';
ALTER TABLE quota_mark ADD COLUMN granted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quota_mark ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;  -- resets by an operator
ALTER TABLE quota_mark ADD COLUMN told INTEGER NOT NULL DEFAULT 0;   -- percentages, as events

CREATE INDEX usage_hour ON usage (hour_us);
)sql";

}  // namespace sallyport::storage
