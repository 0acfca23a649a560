// The name under which an opening with limits of its own is counted, in memory and in the store.
// Pure, any thread.
#pragma once

#include <string>

#include "base/entities.h"

namespace sallyport::limit {

// "api/operation" or "api/METHOD,METHOD /pattern".
void append_scope(std::string& out, const Match& match);

}  // namespace sallyport::limit
