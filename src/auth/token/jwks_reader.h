// Keeps the public keys of outside issuers fresh: reads their files and fetches their URLs on a
// thread of its own, never on the way of a request. What cannot be had or is unfit changes nothing:
// the last good set counts for 24 hours. Owned by the server.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "auth/token/issuer.h"
#include "base/clock.h"
#include "base/result.h"

namespace sallyport::auth {

inline constexpr std::int64_t kKeysGoodFor_us = 24LL * 3600 * 1'000'000;

// One fetch: https only, verified, no proxy, no redirect, 256 KiB and 10 seconds at most. `ca_file`
// empty: the system's authorities. Given up when `stopping` becomes true. Unavailable, saying why.
Result<std::string> fetch_jwks(const std::string& url, const std::string& ca_file,
                               const std::atomic<bool>& stopping);

// 256 KiB at most. Unavailable, saying why, without the path.
Result<std::string> read_jwks_file(const std::string& path);

class JwksReader {
 public:
  explicit JwksReader(const Clock& clock) : clock_(clock) {}
  ~JwksReader();  // stop()
  JwksReader(const JwksReader&) = delete;
  JwksReader& operator=(const JwksReader&) = delete;

  // Before start(). The issuer is an outside one and outlives the reader. Reads its file, if it has
  // one: Invalid or Unavailable, naming the file, when there is no good set in it.
  Result<void> add(TokenIssuer& issuer);
  void start();
  void stop();
  // Looks whether anything is due, and does it. start() has a thread do this every second.
  void tick();

  std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }

 private:
  struct Source {
    TokenIssuer* issuer = nullptr;
    std::string text;             // of the set in force
    std::vector<PublicKey> keys;  // of the set in force
    std::int64_t next_us = 0;     // monotonic
    std::int64_t earliest_us = 0;
    bool failing = false;
  };
  Result<void> read(Source& source);
  void run();

  const Clock& clock_;
  std::vector<Source> sources_;
  std::atomic<std::uint64_t> failures_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace sallyport::auth
