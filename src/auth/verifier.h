// Proves passwords: slowly once, on the hash pool, and cheaply ever after by the proof in the
// user's record. Equal checks that are under way are joined. Owned by the server, shared by all
// workers; it outlives them. A full pool is told at once; the gateway answers that with 503.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "auth/hash_pool.h"
#include "auth/password_hash.h"
#include "auth/proof_key.h"
#include "auth/records.h"
#include "base/loop.h"
#include "base/random.h"

namespace sallyport::auth {

class Verifier {
 public:
  struct Options {
    Argon2Cost cost;
    std::size_t threads = 1;
    std::size_t queue = 64;
  };
  using Done = std::move_only_function<void(Verdict)>;

  Verifier(const Options& options, Random& random);
  ~Verifier();

  const ProofKey& proofs() const { return proofs_; }

  // Hashes `password` (normalised) against `verifier`, or against one that nothing fits when it is
  // empty: the name is unknown. `done` is posted to `loop`. False: the pool is full, nothing comes.
  // `proof` is that of the same user and password; equal ones are hashed once.
  bool verify(const Proof& proof, std::string_view verifier, std::string_view password, Loop& loop,
              Done done);
  // Before the loops go away: no callback is posted after it returns.
  void stop() { pool_.stop(); }

  std::size_t waiting() const { return pool_.waiting(); }
  // Checks whose result has not been posted yet.
  std::size_t under_way() const { return open_.load(std::memory_order_acquire); }
  std::uint64_t hashed() const { return hashed_.load(std::memory_order_relaxed); }

 private:
  struct Waiting {
    Loop* loop;
    Done done;
  };
  struct Check {
    std::string verifier;
    Secret password;
    std::vector<Waiting> waiting;
  };
  struct ProofHash {
    std::size_t operator()(const Proof& proof) const { return proof.low; }
  };
  void hash(const Proof& proof, const std::shared_ptr<Check>& check);

  ProofKey proofs_;
  std::string dummy_;
  std::atomic<std::uint64_t> hashed_ = 0;
  std::atomic<std::size_t> open_ = 0;
  std::mutex mutex_;
  std::unordered_map<Proof, std::shared_ptr<Check>, ProofHash> under_way_;
  HashPool pool_;  // last: its threads use the rest
};

}  // namespace sallyport::auth
