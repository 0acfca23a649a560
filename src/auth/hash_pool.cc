#include "auth/hash_pool.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/clock.h"

namespace sallyport::auth {
namespace {

// What the unproven lane may use at once after it has been quiet: a lone newcomer waits for nobody.
constexpr double kMostCredit_us = 500'000;
constexpr int kFamiliarNice = 5;  // behind the requests of those who are in already

std::int64_t thread_cpu_us() {
  rusage used{};
  ::getrusage(RUSAGE_THREAD, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1'000'000LL + used.ru_utime.tv_usec +
         used.ru_stime.tv_usec;
}

}  // namespace

HashPool::HashPool(const Options& options)
    : options_(options), credit_us_(kMostCredit_us), credited_us_(SystemClock().monotonic_us()) {
  for (std::size_t i = 0; i < options.threads; ++i) {
    threads_.emplace_back(&HashPool::run_familiar, this);
  }
  const std::uint32_t idle = std::max(1U, (options.unproven_percent + 99) / 100);
  for (std::uint32_t i = 0; i < idle; ++i) threads_.emplace_back(&HashPool::run_unproven, this);
}

HashPool::~HashPool() { stop(); }

bool HashPool::submit(Job job, Work& pushed_out) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return false;
  if (job.lane == Lane::Familiar) {
    if (familiar_.size() >= options_.queue) return false;
    familiar_.push_back(std::move(job));
    familiar_wake_.notify_one();
    return true;
  }
  if (unproven_waiting_ >= options_.queue && !make_room(job.source, pushed_out)) return false;
  std::deque<Job>& own = unproven_[job.source];
  if (own.empty()) turns_.push_back(job.source);
  own.push_back(std::move(job));
  ++unproven_waiting_;
  unproven_wake_.notify_one();
  return true;
}

// The newest job of the source with most waiting goes, if it has more than this one would have.
bool HashPool::make_room(std::uint64_t source, Work& pushed_out) {
  const auto own = unproven_.find(source);
  const std::size_t mine = own == unproven_.end() ? 0 : own->second.size();
  const auto longest = std::ranges::max_element(
      unproven_, {}, [](const auto& entry) { return entry.second.size(); });
  if (longest == unproven_.end() || longest->second.size() <= mine + 1) return false;
  pushed_out = std::move(longest->second.back().dropped);
  longest->second.pop_back();
  --unproven_waiting_;
  return true;
}

void HashPool::stop() {
  std::deque<Job> familiar;
  std::unordered_map<std::uint64_t, std::deque<Job>> unproven;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    familiar.swap(familiar_);
    unproven.swap(unproven_);
    turns_.clear();
    unproven_waiting_ = 0;
  }
  familiar_wake_.notify_all();
  unproven_wake_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::size_t HashPool::waiting(Lane lane) const {
  const std::lock_guard lock(mutex_);
  return lane == Lane::Familiar ? familiar_.size() : unproven_waiting_;
}

std::int64_t HashPool::unproven_cpu_us() const {
  const std::lock_guard lock(mutex_);
  return unproven_cpu_us_;
}

void HashPool::run_familiar() {
  // Of this thread alone: Linux has a nice value for each. Where it is not allowed the pool still
  // works, only less politely; so with SCHED_IDLE below.
  (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), kFamiliarNice);
  (void)pthread_setname_np(pthread_self(), "hash");
  std::unique_lock lock(mutex_);
  for (;;) {
    familiar_wake_.wait(lock, [this] { return stopping_ || !familiar_.empty(); });
    if (stopping_) return;
    Job job = std::move(familiar_.front());
    familiar_.pop_front();
    lock.unlock();
    job.work();
    job = {};
    lock.lock();
  }
}

void HashPool::run_unproven() {
  const sched_param param{};
  (void)pthread_setschedparam(pthread_self(), SCHED_IDLE, &param);
  (void)pthread_setname_np(pthread_self(), "hash-unproven");
  const SystemClock clock;
  const double share = std::max(1U, options_.unproven_percent) / 100.0;
  std::unique_lock lock(mutex_);
  for (;;) {
    unproven_wake_.wait(lock, [this] { return stopping_ || unproven_waiting_ > 0; });
    if (stopping_) return;
    const std::int64_t now_us = clock.monotonic_us();
    credit_us_ += static_cast<double>(now_us - std::exchange(credited_us_, now_us)) * share;
    credit_us_ = std::min(credit_us_, kMostCredit_us);
    if (credit_us_ <= 0) {
      const auto wait = std::chrono::microseconds(static_cast<std::int64_t>(-credit_us_ / share));
      unproven_wake_.wait_for(lock, wait + std::chrono::microseconds(1),
                              [this] { return stopping_; });
      continue;
    }
    Job job = take_unproven();
    lock.unlock();
    const std::int64_t before_us = thread_cpu_us();
    job.work();
    job = {};
    const std::int64_t used_us = thread_cpu_us() - before_us;
    lock.lock();
    credit_us_ -= static_cast<double>(used_us);
    unproven_cpu_us_ += used_us;
  }
}

// One of each source in turn.
HashPool::Job HashPool::take_unproven() {
  const std::uint64_t source = turns_.front();
  turns_.pop_front();
  const auto own = unproven_.find(source);
  Job job = std::move(own->second.front());
  own->second.pop_front();
  if (own->second.empty()) {
    unproven_.erase(own);
  } else {
    turns_.push_back(source);
  }
  --unproven_waiting_;
  return job;
}

}  // namespace sallyport::auth
