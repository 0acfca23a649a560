// Proves passwords: slowly once, on the hash pool, and cheaply ever after by the proof in the
// user's record. Equal checks that are under way are joined. A password that is right against a
// hash of another kind or cost is hashed anew, and whoever keeps hashes is told. Owned by the
// server, shared by all workers; it outlives them. A full pool is told at once; the gateway answers
// that with 503.
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

// The same password, hashed anew.
struct PasswordUpgrade {
  UserId user;
  Proof proof;       // of the password, so that it need not be proven again
  std::string from;  // the verifier it was proven against
  std::string to;
};

class Verifier {
 public:
  struct Options {
    Argon2Cost cost;
    std::size_t threads = 1;
    std::size_t queue = 1'000;
    std::uint32_t unproven_percent = 50;
  };
  struct Check {
    Proof proof = {};  // that of the same user and password: equal ones are hashed once
    std::string_view verifier = {};  // empty: one that nothing fits
    std::string_view password = {};  // normalised
    std::string_view as_sent = {};   // when it differs
    UserId user = {};                // none: the name is unknown
    std::uint64_t source = 0;        // network
    bool familiar = false;           // the user has succeeded from there lately
  };
  using Done = std::move_only_function<void(Verdict)>;
  using Hashed = std::move_only_function<void(Result<std::string>)>;

  Verifier(const Options& options, Random& random);
  ~Verifier();
  // Before the first check. Called on the pool's threads.
  void on_upgrade(std::function<void(PasswordUpgrade)> told) { upgraded_ = std::move(told); }

  const ProofKey& proofs() const { return proofs_; }

  // `done` is posted to `loop`, with Busy when the check had to make room for others. False: the
  // pool is full, nothing comes.
  bool verify(const Check& check, Loop& loop, Done done);
  // A new password's hash, for a user who is in already; likewise.
  bool hash(std::string_view password, Loop& loop, Hashed done);
  // Before the loops go away: no callback is posted after it returns.
  void stop() { pool_.stop(); }

  std::size_t waiting() const {
    return pool_.waiting(HashPool::Lane::Familiar) + pool_.waiting(HashPool::Lane::Unproven);
  }
  // Checks whose result has not been posted yet.
  std::size_t under_way() const { return open_.load(std::memory_order_acquire); }
  std::uint64_t hashed() const { return hashed_.load(std::memory_order_relaxed); }
  std::int64_t unproven_cpu_us() const { return pool_.unproven_cpu_us(); }

 private:
  struct Waiting {
    Loop* loop;
    Done done;
  };
  struct Running {
    std::string verifier;
    Secret password;
    Secret as_sent;
    UserId user;
    HashPool::Lane lane = HashPool::Lane::Unproven;
    std::vector<Waiting> waiting;
  };
  struct ProofHash {
    std::size_t operator()(const Proof& proof) const { return proof.low; }
  };
  void work(const Proof& proof, const std::shared_ptr<Running>& running);
  void finish(const Proof& proof, const std::shared_ptr<Running>& running, Verdict verdict);
  void upgrade(const Proof& proof, const Running& running);

  const Argon2Cost cost_;
  ProofKey proofs_;
  std::string dummy_;
  std::function<void(PasswordUpgrade)> upgraded_;
  std::atomic<std::uint64_t> hashed_ = 0;
  std::atomic<std::size_t> open_ = 0;
  std::mutex mutex_;
  std::unordered_map<Proof, std::shared_ptr<Running>, ProofHash> under_way_;
  HashPool pool_;  // last: its threads use the rest
};

}  // namespace sallyport::auth
