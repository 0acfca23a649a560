// How often a password may be guessed: wrong answers are counted for (name, key, source network),
// for the source over all names, and for the name over all sources that are unfamiliar to it. Once
// a count is spent there is one try per step, 1 s doubling to 60 s. A name's count never touches
// its familiar sources and a source's count leaves them a try a second of their own, so nobody can
// lock somebody else out. Checks under way are counted too, or a thousand at once would be one.
// Bounded: what is evicted falls into a sketch, never to zero. Any thread; a clean guess is told by
// three loads, the rest under a lock that is held for some hundred nanoseconds.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/random.h"

namespace sallyport::auth {

class GuessBudget {
 public:
  struct Options {  // 0: no such count
    std::uint32_t per_pair = 10;
    std::uint32_t per_source = 100;
    std::uint32_t per_name = 30;
  };
  struct Guess {
    std::uint64_t name = 0;  // name_of()
    KeyId key;
    std::uint64_t source = 0;
    bool familiar = false;  // this source to this name
    bool metered = false;   // the source has spent a budget elsewhere: a try a second at most
  };
  enum class Answer : std::uint8_t {
    Go,     // one of right(), wrong(), undecided() must follow
    Busy,   // as many are under way as may fail: ask again in a moment
    Spent,  // ask again after the wait
  };
  struct Opening {
    Answer answer = Answer::Go;
    std::int64_t retry_after_s = 0;
  };

  GuessBudget(const Options& options, const Clock& clock, Random& random);

  // Of a folded name, keyed: nobody can aim at another's place.
  std::uint64_t name_of(AccountId account, std::string_view folded) const;

  // Nothing has failed near it, so that begin() would say Go; without a lock.
  bool is_clean(const Guess& guess) const { return !guess.metered && clean(places(guess)); }
  // Whether begin() would say Spent; takes no try.
  Opening peek(const Guess& guess) const;
  Opening begin(const Guess& guess);
  // begin() and right() in one, for a password that is proven already; Busy and Spent hold for it
  // as for any guess, or it would be told from wrong ones.
  Opening accept(const Guess& guess);
  // What the name failed at this source is forgotten, here and in the counts of source and name;
  // what others failed is not.
  void right(const Guess& guess);
  void wrong(const Guess& guess);
  void undecided(const Guess& guess);

  // An operator's: as if the name had never failed anywhere, or the source with no name.
  void unlock_name(std::uint64_t name);
  void unlock_source(std::uint64_t source);

  std::size_t evicted() const;

 private:
  static constexpr std::size_t kWays = 8;
  static constexpr std::size_t kBuckets = 8'192;   // 65,536 counters, 2 MiB
  static constexpr std::size_t kColumns = 65'536;  // of the sketch, 1 MiB

  struct Counter {
    std::uint64_t tag = 0;     // 0: free
    std::int64_t last_us = 0;  // the last failure, or the last try of a spent one
    std::uint32_t failures = 0;
    std::uint32_t under_way = 0;
  };
  struct Faded {  // a cell of the sketch: the most failures of those that fell into it
    std::uint32_t failures = 0;
    std::int64_t last_us = 0;
  };
  struct Places {
    std::uint64_t pair = 0;
    std::uint64_t source = 0;
    std::uint64_t name = 0;
  };

  Places places(const Guess& guess) const;
  bool clean(const Places& places) const;
  void touch(std::uint64_t tag);
  std::uint32_t minute() const;
  std::uint32_t effective(std::uint32_t failures, std::int64_t last_us) const;
  bool unlocked_since(std::uint64_t place, std::int64_t last_us) const;
  Counter faded(std::uint64_t tag, std::uint32_t most) const;
  Counter seen(std::uint64_t tag, std::uint32_t most, std::uint64_t owner) const;
  Counter* find(std::uint64_t tag) const;
  Counter* place(std::uint64_t tag, std::uint32_t most, std::uint64_t owner);
  void fade(const Counter& counter);
  Opening ask(const Counter& counter, std::uint32_t most) const;
  Opening ask_all(const Guess& guess, const Places& places) const;
  void end(std::uint64_t tag, std::uint32_t most, bool failed);
  void forgive(std::uint64_t tag, std::uint32_t failures);
  void forgive(const Guess& guess, const Places& places);

  const Options options_;
  const Clock& clock_;
  std::uint64_t seed_;
  std::uint32_t horizon_minutes_;  // after which everything is forgiven
  // The minute in which something last failed near a place, so that a clean one needs no lock.
  std::unique_ptr<std::atomic<std::uint32_t>[]> touched_;
  mutable std::mutex mutex_;
  std::unique_ptr<Counter[]> counters_;
  std::unique_ptr<Faded[]> sketch_;
  std::unordered_map<std::uint64_t, std::int64_t> unlocked_;  // by name or source: when
  std::size_t evicted_ = 0;
};

}  // namespace sallyport::auth
