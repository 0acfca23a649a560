#include "auth/token/signature_checks.h"

#include <pthread.h>
#include <sys/resource.h>

#include <cstring>
#include <utility>

namespace sallyport::auth {
namespace {

// About a tenth of a core when the workers want all of it. Not SCHED_IDLE as for passwords: a right
// token is to be let in on a busy server too, and its check takes 0.1 ms, not 20.
constexpr int kNice = 10;

}  // namespace

std::size_t SignatureChecks::DigestHash::operator()(const Digest& digest) const {
  std::size_t value = 0;
  std::memcpy(&value, digest.data(), sizeof value);
  return value;
}

SignatureChecks::SignatureChecks(const Options& options)
    : options_(options), thread_(&SignatureChecks::run, this) {}

SignatureChecks::~SignatureChecks() { stop(); }

bool SignatureChecks::check(const Digest& token, std::uint64_t source, const PublicKey& key,
                            std::string_view signed_text, std::string_view signature, Loop& loop,
                            Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    const auto present = by_token_.find(token);
    if (present != by_token_.end() && present->second->key.key == key.key) {
      if (present->second->waiting.size() >= options_.queue) return false;
      present->second->waiting.push_back({&loop, std::move(done)});
      return true;
    }
    if (queue_.size() >= options_.queue) return false;
    std::size_t& of_source = by_source_[source];
    if (of_source >= options_.per_source) return false;
    ++of_source;
    auto added = std::make_shared<Check>(
        Check{token, source, key, std::string(signed_text), std::string(signature), {}});
    added->waiting.push_back({&loop, std::move(done)});
    queue_.push_back(added);
    by_token_[token] = std::move(added);
    open_.fetch_add(1, std::memory_order_relaxed);
  }
  wake_.notify_one();
  return true;
}

void SignatureChecks::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    queue_.clear();
    by_token_.clear();
    by_source_.clear();
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::size_t SignatureChecks::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void SignatureChecks::run() {
  (void)pthread_setname_np(pthread_self(), "signatures");
  (void)::setpriority(PRIO_PROCESS, 0, kNice);  // on Linux of this thread alone
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const std::shared_ptr<Check> check = std::move(queue_.front());
    queue_.pop_front();
    const auto source = by_source_.find(check->source);
    if (--source->second == 0) by_source_.erase(source);
    lock.unlock();
    const bool right = verify_signature(check->key, check->signed_text, check->signature);
    checked_.fetch_add(1, std::memory_order_relaxed);
    finish(check, right);
    lock.lock();
  }
}

void SignatureChecks::finish(const std::shared_ptr<Check>& check, bool right) {
  std::vector<Waiting> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting = std::move(check->waiting);
    const auto present = by_token_.find(check->token);
    if (present != by_token_.end() && present->second == check) by_token_.erase(present);
  }
  for (Waiting& one : waiting) {
    one.loop->post([done = std::move(one.done), right]() mutable { done(right); });
  }
  open_.fetch_sub(1, std::memory_order_release);
}

}  // namespace sallyport::auth
