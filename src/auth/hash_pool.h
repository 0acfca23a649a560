// A bounded pool of threads for slow password hashes, in two lanes. Familiar: users at sources that
// they have succeeded from lately, so that a restart locks nobody out. Unproven: everybody else, at
// SCHED_IDLE and never more than a share of the CPU, fair between source networks, so that guesses
// take time from nobody but other guesses. Owned by Verifier. submit() from any thread; what finds
// no room is refused at once. What waits when the pool stops is dropped.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace sallyport::auth {

class HashPool {
 public:
  using Work = std::move_only_function<void()>;

  enum class Lane : std::uint8_t { Familiar, Unproven };
  struct Options {
    std::size_t threads = 1;              // of the familiar lane
    std::size_t queue = 1'000;            // jobs that may wait, in each lane
    std::uint32_t unproven_percent = 50;  // of one core
  };
  struct Job {
    Lane lane = Lane::Unproven;
    std::uint64_t source = 0;  // of the unproven lane: whose turn it is
    Work work;
    Work dropped = {};  // instead of work, when a source with less waiting needs the room
  };

  explicit HashPool(const Options& options);
  ~HashPool();  // stop()
  HashPool(const HashPool&) = delete;
  HashPool& operator=(const HashPool&) = delete;

  // False: full, or stopping. `pushed_out` is the `dropped` of a job that had to go, to be called
  // by whoever submits, once it holds no lock.
  bool submit(Job job, Work& pushed_out);
  void stop();  // returns when no thread runs any more
  std::size_t waiting(Lane lane) const;
  std::int64_t unproven_cpu_us() const;  // spent in that lane so far

 private:
  void run_familiar();
  void run_unproven();
  bool make_room(std::uint64_t source, Work& pushed_out);
  Job take_unproven();

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable familiar_wake_;
  std::condition_variable unproven_wake_;
  std::deque<Job> familiar_;
  std::unordered_map<std::uint64_t, std::deque<Job>> unproven_;  // by source, none empty
  std::deque<std::uint64_t> turns_;                              // their keys; the front is next
  std::size_t unproven_waiting_ = 0;
  double credit_us_ = 0;  // of CPU that the unproven lane may use now
  std::int64_t credited_us_ = 0;
  std::int64_t unproven_cpu_us_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sallyport::auth
