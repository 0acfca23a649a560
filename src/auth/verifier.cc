#include "auth/verifier.h"

#include <utility>

namespace sallyport::auth {

Verifier::Verifier(const Options& options, Random& random)
    : proofs_(random),
      dummy_(dummy_verifier(options.cost, random)),
      pool_(options.threads, options.queue) {}

Verifier::~Verifier() = default;

bool Verifier::verify(const Proof& proof, std::string_view verifier, std::string_view password,
                      Loop& loop, Done done) {
  if (verifier.empty()) verifier = dummy_;
  const std::lock_guard lock(mutex_);
  const auto present = under_way_.find(proof);
  if (present != under_way_.end() && present->second->verifier == verifier) {
    present->second->waiting.push_back({&loop, std::move(done)});
    return true;
  }
  auto check = std::make_shared<Check>();
  check->verifier = verifier;
  check->password = Secret(password);
  check->waiting.push_back({&loop, std::move(done)});
  if (!pool_.submit([this, proof, check] { hash(proof, check); })) return false;
  open_.fetch_add(1, std::memory_order_relaxed);
  // One that hashes against an older verifier goes on alone; new ones join this.
  under_way_[proof] = std::move(check);
  return true;
}

void Verifier::hash(const Proof& proof, const std::shared_ptr<Check>& check) {
  const Verdict verdict = verify_password(check->verifier, check->password.reveal());
  hashed_.fetch_add(1, std::memory_order_relaxed);
  std::vector<Waiting> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting = std::move(check->waiting);
    const auto present = under_way_.find(proof);
    if (present != under_way_.end() && present->second == check) under_way_.erase(present);
  }
  for (Waiting& one : waiting) {
    one.loop->post([done = std::move(one.done), verdict]() mutable { done(verdict); });
  }
  open_.fetch_sub(1, std::memory_order_release);
}

}  // namespace sallyport::auth
