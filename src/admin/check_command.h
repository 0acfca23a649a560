// `sallyport check`: everything that is wrong with a configuration, the files it names included.
// Reads files only; one thread.
#pragma once

#include <string>
#include <vector>

#include "admin/command.h"
#include "config/parse.h"

namespace sallyport::admin {

// Certificates that cannot be read, do not fit their key or are expired; keys that others can read;
// folders that are not there.
std::vector<config::Problem> check_files(const config::Parsed& parsed, const std::string& file,
                                         std::int64_t now_us);

// Every problem on a line of `error`, or "FILE: no problem" as text; warnings alone are no failure.
CommandReply check(const std::string& file, const Clock& clock);

}  // namespace sallyport::admin
