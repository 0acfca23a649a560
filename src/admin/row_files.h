// Commands that take the rows of a file: keys and users to import, ids of keys to revoke. Opens the
// file, finds what reads it, and has its rows sent (admin/row_command). Command line only, one
// thread.
#pragma once

#include <fstream>
#include <functional>
#include <istream>
#include <string>

#include "admin/command.h"
#include "admin/row_command.h"
#include "admin/verbs.h"
#include "base/result.h"

namespace sallyport::admin {

// A directory, which opens like a file and reads like an empty one, is refused.
Result<void> open_content(const std::string& file, std::ifstream& opened);

// Whether the command, as it was given, reads rows.
bool reads_rows(const ActionInfo& action, const CommandRequest& request);

// The exit code; what went wrong is on `console.err`. "-" is `in`. `directory` is the server's, for
// the cost of what is hashed at import.
int send_row_file(const ActionInfo& action, CommandRequest request, const std::string& directory,
                  std::istream& in, RowConsole console,
                  const std::function<CommandReply(const CommandRequest&)>& execute);

}  // namespace sallyport::admin
