// From which source networks each user has succeeded in the last 30 days: a few of the latest for
// each. They have a lane of their own to the hash pool and are not touched by what others do to the
// user's name. Owned by the server, any thread; a lock per shard, off the warm path: a user
// who comes from where she came before is noted once an hour. What is new is handed to whoever
// keeps it over a restart.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"

namespace sallyport::auth {

struct SourceSeen {
  UserId user;
  std::uint64_t source = 0;  // source_network()
  std::int64_t seen_us = 0;  // wall clock
  bool operator==(const SourceSeen&) const = default;
};

class FamiliarSources {
 public:
  static constexpr std::int64_t kFor_us = 30LL * 24 * 3600 * 1'000'000;
  static constexpr std::size_t kMostPerUser = 8;

  explicit FamiliarSources(const Clock& clock) : clock_(clock) {}

  bool knows(UserId user, std::uint64_t source) const;
  void note(UserId user, std::uint64_t source);  // a success, now
  void load(const std::vector<SourceSeen>& rows);
  // What was noted since the last call and is not known to be kept: at most one row an hour for
  // each, so that a busy user costs no writes.
  std::vector<SourceSeen> take_new();

 private:
  static constexpr std::size_t kShards = 64;
  struct Seen {
    std::uint64_t source = 0;
    std::int64_t seen_us = 0;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<UserId, std::vector<Seen>> users;
    std::vector<SourceSeen> fresh;
  };
  Shard& shard(UserId user) { return shards_[std::hash<UserId>{}(user) % kShards]; }
  const Shard& shard(UserId user) const { return shards_[std::hash<UserId>{}(user) % kShards]; }
  static void put(std::vector<Seen>& seen, std::uint64_t source, std::int64_t seen_us);

  const Clock& clock_;
  std::array<Shard, kShards> shards_;
};

// Where they are kept. Blocks; not from a worker.
class FamiliarStore {
 public:
  virtual ~FamiliarStore() = default;
  virtual Result<std::vector<SourceSeen>> load_sources(std::int64_t since_us) = 0;
  // Also each user's last login. Rows of users that are gone are passed over.
  virtual Result<void> save_sources(const std::vector<SourceSeen>& rows,
                                    std::int64_t forget_before_us) = 0;
};

}  // namespace sallyport::auth
