// Who used what, rolled up by the hour: counted per worker without a lock, then added to the store.
// What a kill loses is what was not flushed yet, a second of it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/entities.h"
#include "base/reason.h"
#include "base/result.h"

namespace sallyport::limit {

enum class UsageClass : std::uint8_t {
  Successful,
  Blocked,  // by the doors
  Other,    // let in, and then not successful
  Shadow,   // let in; a limit in shadow would have refused it
};
std::string_view to_string(UsageClass kind);
std::optional<UsageClass> parse_usage_class(std::string_view text);

struct UsageRow {
  SubscriptionId subscription;
  std::int64_t hour_us = 0;  // its start
  std::string api;
  std::string operation;  // or the route's pattern
  UsageClass kind = UsageClass::Successful;
  Reason reason = Reason::Ok;
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;  // sent to clients
};

struct UsageQuery {
  std::int64_t since_us = 0;
  std::int64_t until_us = INT64_MAX;
  std::vector<SubscriptionId> subscriptions;  // empty = all
};

class UsageStore {
 public:
  virtual ~UsageStore() = default;
  // Any thread; `done` on the store's thread. Rows of subscriptions that are gone are dropped.
  virtual void add_usage(std::vector<UsageRow> rows,
                         std::move_only_function<void(Result<void>)> done) = 0;
  virtual Result<std::vector<UsageRow>> usage(const UsageQuery& query) = 0;
};

// One worker's counts since they were last drained. On its thread only.
class UsageTally {
 public:
  struct One {
    SubscriptionId subscription;
    std::int64_t unix_us = 0;
    std::string_view api;
    std::string_view operation;
    UsageClass kind = UsageClass::Successful;
    Reason reason = Reason::Ok;
    std::uint64_t bytes = 0;
  };

  UsageTally();
  void add(const One& one);
  bool empty() const { return used_ == 0; }
  // Asked ten times a second: whether it is time to drain, once a second or when it fills.
  bool due() { return ++asked_ % 10 == 0 || filling(); }
  bool filling() const { return used_ * 2 >= slots_.size(); }
  std::vector<UsageRow> drain();
  std::uint64_t dropped() const { return dropped_; }  // found no room

 private:
  std::vector<UsageRow> slots_;  // open addressing; free when `count` is 0
  std::size_t used_ = 0;
  std::uint32_t asked_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace sallyport::limit
