// Schema 1. Ids are 64 random bits kept as signed integers (a message's: 16 bytes); times are
// microseconds since 1970 UTC, 0 = not set; limits: NULL = unlimited, 0 = blocks everything.
// Rows that belong to another (openings, permissions, roles of a user) go with it; other references
// hold the row they point at.

#include "storage/migrations/migrate.h"

namespace sallyport::storage {

const char* const kMigration0001First = R"sql(
CREATE TABLE schema_migration (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL
) STRICT;

-- Single values: the audit chain's head, and what later schemas need to remember.
CREATE TABLE meta (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The latest time that was ever relied on; never goes back.
CREATE TABLE high_water (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  time_us INTEGER NOT NULL
) STRICT;
INSERT INTO high_water VALUES (1, 0);

CREATE TABLE account (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  demo INTEGER NOT NULL,
  created_us INTEGER NOT NULL
) STRICT;

CREATE TABLE developer (
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL COLLATE NOCASE UNIQUE,
  display_name TEXT NOT NULL,
  status TEXT NOT NULL,
  email_verified INTEGER NOT NULL,
  created_us INTEGER NOT NULL
) STRICT;

CREATE TABLE developer_account (
  developer_id INTEGER NOT NULL REFERENCES developer ON DELETE CASCADE,
  n INTEGER NOT NULL,
  account_id INTEGER NOT NULL REFERENCES account ON DELETE RESTRICT,
  owner INTEGER NOT NULL,
  PRIMARY KEY (developer_id, n),
  UNIQUE (account_id, developer_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE application (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account ON DELETE RESTRICT,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  status TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  UNIQUE (account_id, name)
) STRICT;

CREATE TABLE plan (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL,
  rate_per_second INTEGER,
  burst INTEGER,
  quota INTEGER,
  quota_period TEXT NOT NULL,
  concurrency INTEGER,
  priority INTEGER NOT NULL,
  needs_review INTEGER NOT NULL,
  keys_per_application INTEGER,
  key_lifetime_days INTEGER,
  created_us INTEGER NOT NULL
) STRICT;

CREATE TABLE plan_opening (
  plan_id INTEGER NOT NULL REFERENCES plan ON DELETE CASCADE,
  n INTEGER NOT NULL,
  api TEXT NOT NULL,
  operation TEXT NOT NULL,
  methods TEXT NOT NULL,  -- separated by blanks
  pattern TEXT NOT NULL,
  rate_per_second INTEGER,
  burst INTEGER,
  quota INTEGER,
  quota_period TEXT NOT NULL,
  PRIMARY KEY (plan_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscription (
  id INTEGER PRIMARY KEY,
  application_id INTEGER NOT NULL REFERENCES application ON DELETE CASCADE,
  plan_id INTEGER NOT NULL REFERENCES plan ON DELETE RESTRICT,
  environment TEXT NOT NULL,
  status TEXT NOT NULL,
  rate_per_second INTEGER,
  burst INTEGER,
  quota INTEGER,
  quota_period TEXT NOT NULL,
  terms_version TEXT NOT NULL,
  accepted_by TEXT NOT NULL,
  accepted_us INTEGER NOT NULL,
  approved_by TEXT NOT NULL,
  starts_us INTEGER NOT NULL,
  ends_us INTEGER NOT NULL,
  created_us INTEGER NOT NULL
) STRICT;
CREATE INDEX subscription_application ON subscription (application_id);
CREATE INDEX subscription_plan ON subscription (plan_id);

CREATE TABLE api_key (
  id INTEGER PRIMARY KEY,
  subscription_id INTEGER NOT NULL REFERENCES subscription ON DELETE CASCADE,
  environment TEXT NOT NULL,
  status TEXT NOT NULL,
  digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
  hint TEXT NOT NULL,
  not_before_us INTEGER NOT NULL,
  expires_us INTEGER NOT NULL,
  last_used_us INTEGER NOT NULL,
  allowed_networks TEXT NOT NULL,  -- separated by blanks
  rate_per_second INTEGER,
  burst INTEGER,
  quota INTEGER,
  quota_period TEXT NOT NULL,
  note TEXT NOT NULL,
  weak INTEGER NOT NULL,
  created_us INTEGER NOT NULL
) STRICT;
CREATE INDEX api_key_subscription ON api_key (subscription_id);

CREATE TABLE role (
  id INTEGER PRIMARY KEY,
  account_id INTEGER REFERENCES account ON DELETE RESTRICT,  -- NULL = the whole installation
  name TEXT NOT NULL,
  created_us INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX role_name ON role (account_id, name) WHERE account_id IS NOT NULL;
CREATE UNIQUE INDEX role_installation_name ON role (name) WHERE account_id IS NULL;

CREATE TABLE role_permission (
  role_id INTEGER NOT NULL REFERENCES role ON DELETE CASCADE,
  n INTEGER NOT NULL,
  api TEXT NOT NULL,
  operation TEXT NOT NULL,
  methods TEXT NOT NULL,  -- separated by blanks
  pattern TEXT NOT NULL,
  allow INTEGER NOT NULL,
  PRIMARY KEY (role_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE grant_ (
  id INTEGER PRIMARY KEY,
  application_id INTEGER NOT NULL REFERENCES application ON DELETE CASCADE,
  account_id INTEGER NOT NULL REFERENCES account ON DELETE RESTRICT,
  granted_by TEXT NOT NULL,
  status TEXT NOT NULL,
  created_us INTEGER NOT NULL
) STRICT;
CREATE INDEX grant_application ON grant_ (application_id);
CREATE INDEX grant_account ON grant_ (account_id);

CREATE TABLE grant_role (  -- the ceiling
  grant_id INTEGER NOT NULL REFERENCES grant_ ON DELETE CASCADE,
  n INTEGER NOT NULL,
  role_id INTEGER NOT NULL REFERENCES role ON DELETE RESTRICT,
  PRIMARY KEY (grant_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX grant_role_role ON grant_role (role_id);

CREATE TABLE workspace (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account ON DELETE RESTRICT,
  project_name TEXT NOT NULL,
  project_number TEXT NOT NULL,
  billing_cost_centre TEXT NOT NULL,
  status TEXT NOT NULL,
  is_default INTEGER NOT NULL,
  created_us INTEGER NOT NULL,
  UNIQUE (account_id, id)  -- messages refer to both
) STRICT;
CREATE UNIQUE INDEX workspace_default ON workspace (account_id) WHERE is_default = 1;

CREATE TABLE user (
  id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES account ON DELETE RESTRICT,
  username TEXT NOT NULL,
  folded TEXT NOT NULL,  -- the form in which names are compared
  verifier TEXT NOT NULL,
  security_version INTEGER NOT NULL,
  status TEXT NOT NULL,
  allowed_networks TEXT NOT NULL,  -- separated by blanks
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  must_change INTEGER NOT NULL,
  last_login_us INTEGER NOT NULL,
  created_us INTEGER NOT NULL,
  UNIQUE (account_id, folded)
) STRICT;

CREATE TABLE user_role (
  user_id INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
  n INTEGER NOT NULL,
  role_id INTEGER NOT NULL REFERENCES role ON DELETE RESTRICT,
  workspace_id INTEGER REFERENCES workspace ON DELETE RESTRICT,  -- NULL = account-wide
  PRIMARY KEY (user_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_role_role ON user_role (role_id);
CREATE INDEX user_role_workspace ON user_role (workspace_id) WHERE workspace_id IS NOT NULL;

CREATE TABLE event (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time_us INTEGER NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  account_id INTEGER,  -- may be gone
  json TEXT NOT NULL
) STRICT;

CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY,  -- from 1, without a gap
  time_us INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  json TEXT NOT NULL,
  mac BLOB NOT NULL
) STRICT;

CREATE TABLE quota_mark (
  subscription_id INTEGER NOT NULL REFERENCES subscription ON DELETE CASCADE,
  scope TEXT NOT NULL,
  period TEXT NOT NULL,
  period_start_us INTEGER NOT NULL,
  mark INTEGER NOT NULL,
  PRIMARY KEY (subscription_id, scope)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage (
  subscription_id INTEGER NOT NULL REFERENCES subscription ON DELETE CASCADE,
  hour_us INTEGER NOT NULL,  -- its start
  api TEXT NOT NULL,
  operation TEXT NOT NULL,
  class TEXT NOT NULL,  -- successful, blocked, other
  reason TEXT NOT NULL,
  count INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (subscription_id, hour_us, api, operation, class, reason)
) STRICT, WITHOUT ROWID;

-- What lists and states need; bodies are elsewhere, so that those never read them.
CREATE TABLE message (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  account_id INTEGER NOT NULL,
  workspace_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL,         -- may be gone
  application_id INTEGER NOT NULL,  -- may be gone
  environment TEXT NOT NULL,
  from_name TEXT NOT NULL,
  username TEXT NOT NULL,
  created_us INTEGER NOT NULL,
  label TEXT NOT NULL,
  recipients_text TEXT NOT NULL,  -- "to", as written
  subject TEXT NOT NULL,
  FOREIGN KEY (account_id, workspace_id) REFERENCES workspace (account_id, id) ON DELETE RESTRICT
) STRICT, WITHOUT ROWID;
CREATE INDEX message_list ON message (account_id, workspace_id, created_us);
CREATE INDEX message_user ON message (account_id, workspace_id, user_id, created_us);
CREATE INDEX message_label ON message (account_id, workspace_id, label, created_us)
  WHERE label <> '';

CREATE TABLE message_content (
  message_id BLOB PRIMARY KEY REFERENCES message ON DELETE CASCADE,
  body TEXT NOT NULL,
  email_body TEXT,  -- NULL = there is no email part
  email_footer TEXT,
  email_type TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE message_attachment (
  message_id BLOB NOT NULL REFERENCES message ON DELETE CASCADE,
  n INTEGER NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  content BLOB NOT NULL,
  UNIQUE (message_id, n)
) STRICT;

CREATE TABLE recipient (
  message_id BLOB NOT NULL REFERENCES message ON DELETE CASCADE,
  n INTEGER NOT NULL,
  account_id INTEGER NOT NULL,  -- the message's, for the queue below
  channel INTEGER NOT NULL,     -- 0 email, 1 SMS
  -- 0 pending, 1 attempting, 2 deferred; these are open. 3 sent, 4 delivered, 5 read, 6 failed,
  -- 7 in doubt
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 7),
  next_attempt_us INTEGER,  -- NULL = no longer open
  attempts INTEGER NOT NULL,
  sent_us INTEGER NOT NULL,
  delivered_us INTEGER NOT NULL,
  failed_us INTEGER NOT NULL,
  last_code INTEGER NOT NULL,
  last_text TEXT NOT NULL,
  destination TEXT NOT NULL,
  PRIMARY KEY (message_id, n),
  CHECK ((state < 3) = (next_attempt_us IS NOT NULL))
) STRICT, WITHOUT ROWID;
-- The queue: per account, new work and deferred work apart, the oldest first.
CREATE INDEX recipient_open ON recipient (account_id, state, next_attempt_us)
  WHERE next_attempt_us IS NOT NULL;

CREATE TABLE idempotency (
  scope TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash BLOB NOT NULL,
  status INTEGER NOT NULL,  -- of the answer that was given
  resource_id BLOB NOT NULL,
  expires_us INTEGER NOT NULL,
  PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_expires ON idempotency (expires_us);
)sql";

}  // namespace sallyport::storage
