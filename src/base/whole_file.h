// Files that are whole or not there. Blocking: for the control thread and the delivery thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sallyport {

// Writes `path` with mode 0600: a reader sees the old file or the new one, also after a power cut
// (temporary file beside it, fsync, rename, fsync of the folder). Unavailable, naming the path,
// when the system refuses; then the old file stands and nothing is left beside it.
Result<void> write_whole_file(const std::string& path, std::string_view content);

}  // namespace sallyport
