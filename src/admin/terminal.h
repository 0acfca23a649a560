// Where the command line reads secrets from: a prompt without echo when standard input is a
// terminal, else a line of standard input. Never an argument. The process's one thread.
#pragma once

#include <string>

#include "base/result.h"

namespace sallyport::admin {

// `what`: "password". On a terminal it is asked for, twice when `twice` says so.
Result<std::string> read_secret(const std::string& what, bool twice);

// No core dump will ever hold what was read.
void forbid_core_dumps();

}  // namespace sallyport::admin
