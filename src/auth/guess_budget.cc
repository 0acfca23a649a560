#include "auth/guess_budget.h"

#include <algorithm>
#include <utility>

namespace sallyport::auth {
namespace {

constexpr std::int64_t kSecond_us = 1'000'000;
constexpr std::int64_t kMinute_us = 60 * kSecond_us;
// A failure is forgiven for each five minutes of silence: slower than the longest step, so that
// whoever goes on guessing stays at it.
constexpr std::int64_t kForgive_us = 5 * kMinute_us;
constexpr std::int64_t kLongestStep_us = 60 * kSecond_us;
constexpr std::uint32_t kDoublings = 6;  // 2^6 s is over the longest step: more need not be counted
constexpr std::size_t kMostUnlocked = 10'000;

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

std::int64_t step_us(std::uint32_t over) {
  return std::min(kSecond_us << std::min(over, kDoublings), kLongestStep_us);
}

std::int64_t whole_seconds(std::int64_t us) {
  return std::max<std::int64_t>(1, (us + kSecond_us - 1) / kSecond_us);
}

}  // namespace

GuessBudget::GuessBudget(const Options& options, const Clock& clock, Random& random)
    : options_(options),
      clock_(clock),
      seed_(random.next_u64()),
      horizon_minutes_(
          (std::max({options.per_pair, options.per_source, options.per_name}) + kDoublings + 1) *
          static_cast<std::uint32_t>(kForgive_us / kMinute_us)),
      touched_(std::make_unique<std::atomic<std::uint32_t>[]>(kColumns)),
      counters_(std::make_unique<Counter[]>(kBuckets * kWays)),
      sketch_(std::make_unique<Faded[]>(2 * kColumns)) {}

std::uint64_t GuessBudget::name_of(AccountId account, std::string_view folded) const {
  std::uint64_t value = mix(seed_ ^ account.value);
  for (const char c : folded) {
    value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;  // FNV-1a, then mixed
  }
  return mix(value ^ seed_);
}

// Three tags that are not 0 and that nobody without the seed can make collide.
GuessBudget::Places GuessBudget::places(const Guess& guess) const {
  const std::uint64_t source = mix(seed_ + guess.source);
  return {mix(mix(guess.name ^ mix(guess.key.value)) ^ source) | 1U, mix(source ^ 0x50) | 1U,
          mix(guess.name ^ 0x4E) | 1U};
}

std::uint32_t GuessBudget::minute() const {
  return static_cast<std::uint32_t>(clock_.monotonic_us() / kMinute_us) + 1;
}

bool GuessBudget::clean(const Places& places) const {
  for (const std::uint64_t tag : {places.pair, places.source, places.name}) {
    const std::uint32_t last = touched_[tag / 2 % kColumns].load(std::memory_order_relaxed);
    if (last != 0 && minute() - last <= horizon_minutes_) return false;
  }
  return true;
}

void GuessBudget::touch(std::uint64_t tag) {
  touched_[tag / 2 % kColumns].store(minute(), std::memory_order_relaxed);
}

std::uint32_t GuessBudget::effective(std::uint32_t failures, std::int64_t last_us) const {
  const std::int64_t forgiven = (clock_.monotonic_us() - last_us) / kForgive_us;
  return forgiven >= failures ? 0 : failures - static_cast<std::uint32_t>(forgiven);
}

bool GuessBudget::unlocked_since(std::uint64_t place, std::int64_t last_us) const {
  const auto found = unlocked_.find(place);
  return found != unlocked_.end() && found->second >= last_us;
}

// What comes back from the sketch is at most just spent: it may be somebody else's.
GuessBudget::Counter GuessBudget::faded(std::uint64_t tag, std::uint32_t most) const {
  Counter counter;
  counter.tag = tag;
  if (evicted_ == 0) return counter;
  const Faded& one = sketch_[tag % kColumns];
  const Faded& other = sketch_[kColumns + (tag >> 32U) % kColumns];
  const Faded& less =
      effective(one.failures, one.last_us) <= effective(other.failures, other.last_us) ? one
                                                                                       : other;
  const std::uint32_t left = effective(less.failures, less.last_us);
  counter.failures = std::min(left, most);
  counter.last_us = less.last_us + (less.failures - left) * kForgive_us;
  return counter;
}

GuessBudget::Counter* GuessBudget::find(std::uint64_t tag) const {
  Counter* const bucket = &counters_[mix(tag) % kBuckets * kWays];
  Counter* const found =
      std::find_if(bucket, bucket + kWays, [tag](const Counter& one) { return one.tag == tag; });
  return found == bucket + kWays ? nullptr : found;
}

GuessBudget::Counter GuessBudget::seen(std::uint64_t tag, std::uint32_t most,
                                       std::uint64_t owner) const {
  const Counter* present = find(tag);
  Counter counter = present != nullptr ? *present : faded(tag, most);
  counter.failures = effective(counter.failures, counter.last_us);
  if (unlocked_since(owner, counter.last_us)) {
    counter.failures = 0;
    counter.last_us = 0;
  }
  return counter;
}

// Its counter, made when there is none; nullptr when all that could give way are in use.
GuessBudget::Counter* GuessBudget::place(std::uint64_t tag, std::uint32_t most,
                                         std::uint64_t owner) {
  if (Counter* present = find(tag)) {
    if (unlocked_since(owner, present->last_us)) present->failures = 0;
    return present;
  }
  Counter state = faded(tag, most);
  if (unlocked_since(owner, state.last_us)) state.failures = 0;
  Counter* const bucket = &counters_[mix(tag) % kBuckets * kWays];
  Counter* victim = nullptr;
  const auto weight = [this](const Counter& one) {
    return std::pair(one.tag == 0 ? 0U : effective(one.failures, one.last_us) + 1, one.last_us);
  };
  for (Counter* one = bucket; one != bucket + kWays; ++one) {
    if (one->under_way > 0) continue;
    if (victim == nullptr || weight(*one) < weight(*victim)) victim = one;
  }
  if (victim == nullptr) return nullptr;
  if (victim->tag != 0) fade(*victim);
  *victim = state;
  return victim;
}

void GuessBudget::fade(const Counter& counter) {
  if (counter.failures == 0) return;
  ++evicted_;
  for (Faded* cell :
       {&sketch_[counter.tag % kColumns], &sketch_[kColumns + (counter.tag >> 32U) % kColumns]}) {
    if (effective(cell->failures, cell->last_us) > effective(counter.failures, counter.last_us)) {
      continue;
    }
    *cell = {counter.failures, counter.last_us};
  }
}

GuessBudget::Opening GuessBudget::ask(const Counter& counter, std::uint32_t most) const {
  if (most == 0) return {};
  if (counter.failures >= most) {
    const std::int64_t next_us = counter.last_us + step_us(counter.failures - most);
    const std::int64_t wait_us = next_us - clock_.monotonic_us();
    if (wait_us > 0) return {Answer::Spent, whole_seconds(wait_us)};
    if (counter.under_way > 0) return {Answer::Spent, 1};  // the step's one try
    return {};
  }
  if (counter.failures + counter.under_way >= most) return {Answer::Busy, 1};
  return {};
}

GuessBudget::Opening GuessBudget::ask_all(const Guess& guess, const Places& places) const {
  const Counter pair = seen(places.pair, options_.per_pair, guess.name);
  const Counter source = seen(places.source, options_.per_source, guess.source);
  Opening worst = ask(pair, options_.per_pair);
  const auto take = [&worst](const Opening& other) {
    if (other.answer > worst.answer) worst.answer = other.answer;
    worst.retry_after_s = std::max(worst.retry_after_s, other.retry_after_s);
  };
  if (guess.familiar) {
    // Others' failures at its source cost it no more than this.
    const bool spent = options_.per_source != 0 && source.failures >= options_.per_source;
    if (!spent && !guess.metered) return worst;
    const bool just_tried = pair.last_us != 0 && clock_.monotonic_us() - pair.last_us < kSecond_us;
    // One that is under way may be right, and then this is free again.
    if (pair.under_way > 0) {
      take({Answer::Busy, 1});
    } else if (just_tried) {
      take({Answer::Spent, 1});
    }
    return worst;
  }
  take(ask(source, options_.per_source));
  take(ask(seen(places.name, options_.per_name, guess.name), options_.per_name));
  return worst;
}

GuessBudget::Opening GuessBudget::peek(const Guess& guess) const {
  const Places where = places(guess);
  const std::lock_guard lock(mutex_);
  return ask_all(guess, where);
}

GuessBudget::Opening GuessBudget::begin(const Guess& guess) {
  const Places where = places(guess);
  const std::lock_guard lock(mutex_);
  const Opening opening = ask_all(guess, where);
  if (opening.answer != Answer::Go) return opening;
  const struct {
    std::uint64_t tag;
    std::uint32_t most;
    std::uint64_t owner;
  } kCounts[] = {{where.pair, options_.per_pair, guess.name},
                 {where.source, options_.per_source, guess.source},
                 {where.name, options_.per_name, guess.name}};
  const std::size_t count = guess.familiar ? 1 : 3;
  for (std::size_t i = 0; i < count; ++i) {
    if (kCounts[i].most == 0) continue;
    Counter* counter = place(kCounts[i].tag, kCounts[i].most, kCounts[i].owner);
    if (counter == nullptr) {
      for (std::size_t j = 0; j < i; ++j) end(kCounts[j].tag, kCounts[j].most, false);
      return {Answer::Busy, 1};
    }
    ++counter->under_way;
    const std::uint32_t failures = effective(counter->failures, counter->last_us);
    if (failures < kCounts[i].most && !(guess.familiar && guess.metered)) continue;
    counter->failures = failures;
    counter->last_us = clock_.monotonic_us();
  }
  return {};
}

void GuessBudget::end(std::uint64_t tag, std::uint32_t most, bool failed) {
  if (most == 0) return;
  Counter* counter = find(tag);
  if (counter == nullptr) return;
  if (counter->under_way > 0) --counter->under_way;
  if (failed) {
    counter->failures =
        std::min(effective(counter->failures, counter->last_us) + 1, most + kDoublings);
    counter->last_us = clock_.monotonic_us();
    touch(tag);
  } else if (counter->failures == 0 && counter->under_way == 0) {
    *counter = {};
  }
}

void GuessBudget::wrong(const Guess& guess) {
  const Places where = places(guess);
  const std::lock_guard lock(mutex_);
  end(where.pair, options_.per_pair, true);
  if (guess.familiar) {
    // Not taken at begin(), but the source has failed all the same.
    if (options_.per_source != 0) {
      if (Counter* source = place(where.source, options_.per_source, guess.source)) {
        ++source->under_way;
      }
    }
    end(where.source, options_.per_source, true);
    return;
  }
  end(where.source, options_.per_source, true);
  end(where.name, options_.per_name, true);
}

void GuessBudget::undecided(const Guess& guess) {
  const Places where = places(guess);
  const std::lock_guard lock(mutex_);
  end(where.pair, options_.per_pair, false);
  if (guess.familiar) return;
  end(where.source, options_.per_source, false);
  end(where.name, options_.per_name, false);
}

void GuessBudget::forgive(std::uint64_t tag, std::uint32_t failures) {
  Counter* counter = find(tag);
  if (counter == nullptr) return;
  counter->failures -= std::min(counter->failures, failures);
  if (counter->failures == 0 && counter->under_way == 0) *counter = {};
}

void GuessBudget::forgive(const Guess& guess, const Places& places) {
  const Counter* pair = find(places.pair);
  const std::uint32_t failed = pair == nullptr ? 0 : pair->failures;
  forgive(places.pair, failed);
  forgive(places.source, failed);
  if (!guess.familiar) forgive(places.name, failed);
}

void GuessBudget::right(const Guess& guess) {
  undecided(guess);
  const Places where = places(guess);
  if (clean(where)) return;
  const std::lock_guard lock(mutex_);
  forgive(guess, where);
}

GuessBudget::Opening GuessBudget::accept(const Guess& guess) {
  const Places where = places(guess);
  const std::lock_guard lock(mutex_);
  const Opening opening = ask_all(guess, where);
  if (opening.answer == Answer::Go) forgive(guess, where);
  return opening;
}

void GuessBudget::unlock_name(std::uint64_t name) {
  const std::lock_guard lock(mutex_);
  if (unlocked_.size() >= kMostUnlocked) unlocked_.clear();
  unlocked_[name] = clock_.monotonic_us();
}

void GuessBudget::unlock_source(std::uint64_t source) { unlock_name(source); }

std::size_t GuessBudget::evicted() const {
  const std::lock_guard lock(mutex_);
  return evicted_;
}

}  // namespace sallyport::auth
