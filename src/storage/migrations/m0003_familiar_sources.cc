// Schema 3: where each user has succeeded from lately.

#include "storage/migrations/migrate.h"

namespace sallyport::storage {

const char* const kMigration0003FamiliarSources = R"sql(
CREATE TABLE familiar_source (
  user_id INTEGER NOT NULL REFERENCES user ON DELETE CASCADE,
  source INTEGER NOT NULL,  -- a network, as 64 bits that say nothing to others
  seen_us INTEGER NOT NULL,
  PRIMARY KEY (user_id, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX familiar_source_seen ON familiar_source (seen_us);
)sql";

}  // namespace sallyport::storage
