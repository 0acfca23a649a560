// Schema 7. What a message says about itself and about receipts, as its client wrote it.

#include "storage/migrations/migrate.h"

namespace sallyport::storage {

const char* const kMigration0007Receipts = R"sql(
-- 0 default, 1 defaultNoReply, 2 noDlr
ALTER TABLE message_content ADD COLUMN type INTEGER NOT NULL DEFAULT 0;
-- 0 nothing said, 1 NoDlr, 2 ReportDelivered
ALTER TABLE message_content ADD COLUMN receipts INTEGER NOT NULL DEFAULT 0;
)sql";

}  // namespace sallyport::storage
