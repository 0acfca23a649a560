// Schema 5. A role's candidate beside what it permits, and revoked keys found without reading the
// others: what is revoked is compared with DIR/revocations.log at each start.

#include "storage/migrations/migrate.h"

namespace sallyport::storage {

const char* const kMigration0005RoleShadow = R"sql(
ALTER TABLE role ADD COLUMN shadow_until_us INTEGER NOT NULL DEFAULT 0;  -- 0 = there is none

CREATE TABLE role_shadow (
  role_id INTEGER NOT NULL REFERENCES role ON DELETE CASCADE,
  n INTEGER NOT NULL,
  api TEXT NOT NULL,
  operation TEXT NOT NULL,
  methods TEXT NOT NULL,  -- separated by blanks
  pattern TEXT NOT NULL,
  allow INTEGER NOT NULL,
  PRIMARY KEY (role_id, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX api_key_revoked ON api_key (id, digest) WHERE status = 'revoked';
)sql";

}  // namespace sallyport::storage
