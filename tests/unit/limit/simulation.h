// A simulated world for the real limiter: a seed makes plans, applications, users and a calendar
// full of clock steps, and then arrivals at every scale, on virtual time. What is decided is judged
// by IntervalAudit and by counting, not by the limiter's own counters.
#pragma once

#include <cstdint>
#include <string>

namespace sallyport::limit {

struct SimulationReport {
  std::uint64_t requests = 0;
  std::uint64_t admitted = 0;
  std::uint64_t over = 0;             // admitted although a rate or a quota forbade it
  std::uint64_t wrongly_refused = 0;  // refused although the limit that is said to refuse did not
  std::uint64_t kills = 0;
  std::uint64_t periods = 0;
  std::string first_fault;
};

SimulationReport simulate(std::uint64_t seed, std::uint64_t requests);

}  // namespace sallyport::limit
