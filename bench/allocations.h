// Counts what the process asks of malloc and its kin, for a benchmark that says "no allocation".
#pragma once

#include <atomic>
#include <cstdint>

namespace sallyport::bench {

extern std::atomic<bool> counting;  // only while it is true; any thread
extern std::atomic<std::uint64_t> allocations;

}  // namespace sallyport::bench
