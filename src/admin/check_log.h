// `sallyport audit limits FILE`: reads an access log, in the command line's own process, against
// limits that the server (or the store) told. Exit code 1 when a limit did not hold.
#pragma once

#include <string>

#include "admin/command.h"

namespace sallyport::admin {

// `limits`: a line each, see limit/log_audit.h; those that begin with "#" are passed on.
CommandReply check_log(const std::string& file, const std::string& limits);

}  // namespace sallyport::admin
