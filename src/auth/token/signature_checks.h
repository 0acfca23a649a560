// Verifies signatures of tokens that nobody has verified yet, on a thread of its own that gives way
// to the workers, so that a flood of made-up tokens takes no request's time. Bounded in all and per
// source network; equal checks that are under way are joined. Owned by the server, shared by all
// workers. A full queue is told at once; the gateway answers that with 503.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "auth/token/signature.h"
#include "base/entities.h"
#include "base/loop.h"

namespace sallyport::auth {

class SignatureChecks {
 public:
  struct Options {
    std::size_t queue = 1024;
    std::size_t per_source = 256;  // of the queue, so that one source never fills it
  };
  using Done = std::move_only_function<void(bool right)>;

  explicit SignatureChecks(const Options& options);
  ~SignatureChecks();  // stop()
  SignatureChecks(const SignatureChecks&) = delete;
  SignatureChecks& operator=(const SignatureChecks&) = delete;

  // `token` is the SHA-256 of the whole of it. `done` is posted to `loop`. False: there is no room,
  // and nothing comes.
  bool check(const Digest& token, std::uint64_t source, const PublicKey& key,
             std::string_view signed_text, std::string_view signature, Loop& loop, Done done);
  void stop();  // what waits is dropped; no callback is posted after it returns

  std::size_t waiting() const;
  std::size_t under_way() const { return open_.load(std::memory_order_acquire); }
  std::uint64_t checked() const { return checked_.load(std::memory_order_relaxed); }

 private:
  struct Waiting {
    Loop* loop;
    Done done;
  };
  struct Check {
    Digest token{};
    std::uint64_t source = 0;
    PublicKey key;
    std::string signed_text;
    std::string signature;
    std::vector<Waiting> waiting;
  };
  struct DigestHash {
    std::size_t operator()(const Digest& digest) const;
  };
  void run();
  void finish(const std::shared_ptr<Check>& check, bool right);

  const Options options_;
  std::atomic<std::uint64_t> checked_ = 0;
  std::atomic<std::size_t> open_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::deque<std::shared_ptr<Check>> queue_;
  std::unordered_map<Digest, std::shared_ptr<Check>, DigestHash> by_token_;
  std::unordered_map<std::uint64_t, std::size_t> by_source_;  // how many each has in the queue
  std::thread thread_;
};

}  // namespace sallyport::auth
