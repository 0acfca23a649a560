// The name under which an opening with limits of its own is counted, in memory and in the store,
// and which limits hold where several speak. Pure, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/entities.h"

namespace sallyport::limit {

// "api/operation" or "api/METHOD,METHOD /pattern".
void append_scope(std::string& out, const Match& match);
std::uint64_t scope_hash(std::string_view scope);  // 0 of the empty one

// The subscription's override where there is one, else the plan's; each kind by itself.
Limits resolved(const Limits& plan, const Limits* overrides);
// What an opening limits by itself is not counted with the rest.
void take_out(Limits& limits, const Limits& own);

}  // namespace sallyport::limit
