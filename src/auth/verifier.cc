#include "auth/verifier.h"

#include <utility>

namespace sallyport::auth {

Verifier::Verifier(const Options& options, Random& random)
    : cost_(options.cost),
      proofs_(random),
      dummy_(dummy_verifier(options.cost, random)),
      pool_({options.threads, options.queue, options.unproven_percent}) {}

Verifier::~Verifier() = default;

bool Verifier::verify(const Check& check, Loop& loop, Done done) {
  const std::string_view verifier = check.verifier.empty() ? dummy_ : check.verifier;
  const auto lane = check.familiar ? HashPool::Lane::Familiar : HashPool::Lane::Unproven;
  HashPool::Work pushed_out;
  {
    const std::lock_guard lock(mutex_);
    const auto present = under_way_.find(check.proof);
    if (present != under_way_.end() && present->second->verifier == verifier &&
        present->second->as_sent.reveal() == check.as_sent &&
        (present->second->lane == lane || present->second->lane == HashPool::Lane::Familiar)) {
      present->second->waiting.push_back({&loop, std::move(done)});
      return true;
    }
    auto running = std::make_shared<Running>();
    running->verifier = verifier;
    running->password = Secret(check.password);
    running->as_sent = Secret(check.as_sent);
    running->user = check.user;
    running->lane = lane;
    running->waiting.push_back({&loop, std::move(done)});
    const bool taken = pool_.submit(
        {lane, check.source, [this, proof = check.proof, running] { work(proof, running); },
         [this, proof = check.proof, running] { finish(proof, running, Verdict::Busy); }},
        pushed_out);
    if (!taken) return false;
    open_.fetch_add(1, std::memory_order_relaxed);
    // One that hashes against an older verifier, or waits in the slower lane, goes on alone; new
    // ones join this.
    under_way_[check.proof] = std::move(running);
  }
  if (pushed_out) pushed_out();
  return true;
}

void Verifier::work(const Proof& proof, const std::shared_ptr<Running>& running) {
  const Verdict verdict =
      verify_password(running->verifier, running->password.reveal(), running->as_sent.reveal());
  hashed_.fetch_add(1, std::memory_order_relaxed);
  finish(proof, running, verdict);
  if (verdict == Verdict::Right) upgrade(proof, *running);
}

void Verifier::finish(const Proof& proof, const std::shared_ptr<Running>& running,
                      Verdict verdict) {
  std::vector<Waiting> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting = std::move(running->waiting);
    const auto present = under_way_.find(proof);
    if (present != under_way_.end() && present->second == running) under_way_.erase(present);
  }
  for (Waiting& one : waiting) {
    one.loop->post([done = std::move(one.done), verdict]() mutable { done(verdict); });
  }
  open_.fetch_sub(1, std::memory_order_release);
}

// After the answer has been given: nobody waits for it.
void Verifier::upgrade(const Proof& proof, const Running& running) {
  if (!running.user || !upgraded_ || !needs_upgrade(running.verifier, cost_)) return;
  SystemRandom random;
  auto made = hash_password(running.password.reveal(), cost_, random);
  if (made) upgraded_({running.user, proof, running.verifier, std::move(*made)});
}

bool Verifier::hash(std::string_view password, Loop& loop, Hashed done) {
  // In one piece for the pool, whose work may be dropped without a call when it stops.
  struct Task {
    Secret password;
    Hashed done;
  };
  auto task = std::make_shared<Task>(Task{Secret(password), std::move(done)});
  HashPool::Work pushed_out;  // the familiar lane pushes nobody out
  return pool_.submit(
      {HashPool::Lane::Familiar, 0,
       [this, task, &loop] {
         SystemRandom random;
         auto made = hash_password(task->password.reveal(), cost_, random);
         loop.post([task, made = std::move(made)]() mutable { task->done(std::move(made)); });
       }},
      pushed_out);
}

}  // namespace sallyport::auth
