// Sends the rows of a file, piece by piece, and tells what became of them: every refused row with
// its line and the rule, a progress bar on a terminal, the sums at the end. Command line only, one
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

#include "admin/command.h"
#include "admin/rows.h"

namespace sallyport::admin {

struct RowWords {  // of the sums; `flagged` empty: there is no such thing
  std::string done;
  std::string present;
  std::string flagged;
};

struct RowConsole {
  std::ostream& out;
  std::ostream& err;
  bool progress = false;         // `err` is a terminal
  bool json = false;             // sums in JSON
  std::int64_t total_bytes = 0;  // of the file; 0 = not known
};

// 0 when every row was taken in or there already, else 1. `request` is what each piece repeats.
int send_rows(CommandRequest request, RowSource& source, const RowWords& words,
              const std::function<CommandReply(const CommandRequest&)>& execute,
              const RowConsole& console);

}  // namespace sallyport::admin
