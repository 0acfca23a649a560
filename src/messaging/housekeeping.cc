#include "messaging/housekeeping.h"

#include <chrono>
#include <utility>

#include "base/log.h"
#include "messaging/loop_wait.h"
#include "messaging/repetition.h"

namespace sallyport::messaging {
namespace {

constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kDayUs = 86'400 * kSecondUs;
constexpr std::int64_t kBetweenTurnsUs = 5 * kSecondUs;
constexpr std::int64_t kBetweenPurgesUs = 600 * kSecondUs;

}  // namespace

Housekeeping::Housekeeping(const config::Messaging& config, MessageStore& store,
                           const SenderDirectory& senders, Loop& loop, const Clock& clock,
                           Random& random, std::function<void()> wake)
    : config_(config),
      store_(store),
      senders_(senders),
      loop_(loop),
      clock_(clock),
      random_(random),
      wake_(std::move(wake)) {}

Housekeeping::~Housekeeping() { *alive_ = false; }

void Housekeeping::start() {
  loop_.post([this, alive = alive_] {
    if (*alive) turn();
  });
}

void Housekeeping::stop() {
  loop_.post([this, alive = alive_] {
    if (*alive) stopping_ = true;
  });
}

void Housekeeping::turn() {
  if (stopping_) return;
  if (!busy_) {
    busy_ = true;
    task_ = round();
    task_.start();
  }
  loop_.at(clock_.monotonic_us() + kBetweenTurnsUs, [this, alive = alive_] {
    if (*alive) turn();
  });
}

Task<void> Housekeeping::round() {
  co_await repeat_all();
  if (!stopping_ && clock_.monotonic_us() >= next_purge_us_) {
    next_purge_us_ = clock_.monotonic_us() + kBetweenPurgesUs;
    co_await purge_all();
  }
  busy_ = false;
}

Task<void> Housekeeping::repeat_all() {
  const auto due = store_.repetitions(clock_.unix_us());
  if (!due) {
    log::error("repetitions cannot be read: " + due.error().message);
    co_return;
  }
  for (const RepetitionDue& one : *due) {
    if (stopping_) co_return;
    const std::int64_t now = clock_.unix_us();
    // What was missed while nobody was there is made up for once, not time after time.
    std::int64_t next = next_repetition_us(one.repetition, one.next_us, one.first_us).value_or(0);
    while (next != 0 && next <= now) {
      next = next_repetition_us(one.repetition, next, one.first_us).value_or(0);
    }
    LoopWait<Result<bool>> written;
    store_.repeat(one.message, make_message_id(clock_, random_), now, next, written.post_to(loop_));
    const Result<bool> result = co_await written;
    if (!result) log::error("a repetition cannot be stored: " + result.error().message);
    if (result && *result) wake_();
  }
}

Task<void> Housekeeping::purge_all() {
  auto accounts = store_.accounts();
  if (!accounts) co_return;
  accounts->emplace_back();  // incoming messages that are no account's
  const std::int64_t usual =
      std::chrono::duration_cast<std::chrono::microseconds>(config_.retention).count();
  std::int64_t total = 0;
  for (const AccountId account : *accounts) {
    const SendingRecord* record = senders_.of(account);
    const std::int64_t kept = record != nullptr && record->rules.retention_days
                                  ? *record->rules.retention_days * kDayUs
                                  : usual;
    for (;;) {
      if (stopping_) co_return;
      LoopWait<Result<std::int64_t>> purged;
      store_.purge({account, clock_.unix_us() - kept}, purged.post_to(loop_));
      const Result<std::int64_t> count = co_await purged;
      if (!count) log::error("old messages cannot be deleted: " + count.error().message);
      if (!count || *count == 0) break;
      total += *count;
    }
  }
  if (total > 0)
    log::info(std::to_string(total) + " messages were kept long enough and are deleted");
}

}  // namespace sallyport::messaging
