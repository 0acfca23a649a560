// What the Store has its writer do: one class for each kind of change, with what it needs and whom
// it tells. Made on any thread, applied and told on the writer's.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "limit/quota_store.h"
#include "limit/usage.h"
#include "messaging/message_store.h"
#include "storage/keeping_rows.h"
#include "storage/message_rows.h"
#include "storage/quota_rows.h"
#include "storage/usage_rows.h"
#include "storage/writer.h"

namespace sallyport::storage {

inline std::size_t content_bytes(const messaging::Message& message) {
  const auto& content = message.content;
  std::size_t bytes = 512 + content.to.size() + content.subject.size() + content.body.size() +
                      message.recipients.size() * 128;
  if (!content.email) return bytes;
  bytes += content.email->body.size() + content.email->footer.size();
  for (const auto& attachment : content.email->attachments) bytes += attachment.content.size();
  return bytes;
}

// An operation whose value is told once it is durable.
template <class T>
class Valued : public Operation {
 public:
  explicit Valued(messaging::Done<T> done) : done_(std::move(done)) {}
  Result<void> apply(Database& database) final {
    auto value = compute(database);
    if (!value) return std::unexpected(std::move(value.error()));
    value_ = std::move(*value);
    return {};
  }
  void done(Result<void> result) final {
    if (result) {
      done_(std::move(value_));
    } else {
      done_(std::unexpected(std::move(result.error())));
    }
  }

 protected:
  virtual Result<T> compute(Database& database) = 0;

 private:
  messaging::Done<T> done_;
  T value_{};
};

class InsertMessage final : public Valued<messaging::InsertOutcome> {
 public:
  InsertMessage(messaging::Message message, messaging::Idempotency idempotency,
                messaging::SendGuard guard, messaging::Done<messaging::InsertOutcome> done)
      : Valued(std::move(done)),
        message_(std::move(message)),
        idempotency_(std::move(idempotency)),
        guard_(guard),
        bytes_(content_bytes(message_)) {}
  bool looks_first() const override { return true; }
  std::size_t bytes() const override { return bytes_; }

 private:
  Result<messaging::InsertOutcome> compute(Database& database) override {
    return insert_message(database, message_, idempotency_, guard_);
  }

  const messaging::Message message_;
  const messaging::Idempotency idempotency_;
  const messaging::SendGuard guard_;
  const std::size_t bytes_;
};

class UpdateDeliveries final : public Valued<bool> {
 public:
  UpdateDeliveries(std::vector<messaging::DeliveryUpdate> updates, messaging::Done<bool> done)
      : Valued(std::move(done)), updates_(std::move(updates)) {}
  bool looks_first() const override { return true; }

 private:
  Result<bool> compute(Database& database) override {
    return update_deliveries(database, updates_);
  }

  const std::vector<messaging::DeliveryUpdate> updates_;
};

// Anything else that is computed in a transaction.
template <class T>
class Computed final : public Valued<T> {
 public:
  using Compute = std::function<Result<T>(Database&)>;
  Computed(Compute compute, messaging::Done<T> done)
      : Valued<T>(std::move(done)), compute_(std::move(compute)) {}

 private:
  Result<T> compute(Database& database) override { return compute_(database); }
  const Compute compute_;
};

class AddUsage final : public Operation {
 public:
  AddUsage(std::vector<limit::UsageRow> rows, std::move_only_function<void(Result<void>)> done)
      : rows_(std::move(rows)), done_(std::move(done)) {}
  Result<void> apply(Database& database) override { return storage::add_usage(database, rows_); }
  void done(Result<void> result) override { done_(std::move(result)); }

 private:
  const std::vector<limit::UsageRow> rows_;
  std::move_only_function<void(Result<void>)> done_;
};

class RaiseHighWater final : public Operation {
 public:
  explicit RaiseHighWater(std::int64_t time_us) : time_us_(time_us) {}
  bool looks_first() const override { return true; }
  Result<void> apply(Database& database) override { return raise_high_water(database, time_us_); }
  void done(Result<void>) override {}  // the next one comes in a moment

 private:
  const std::int64_t time_us_;
};

class RaiseMark final : public Operation {
 public:
  RaiseMark(limit::QuotaMark mark, std::move_only_function<void(Result<void>)> done)
      : mark_(std::move(mark)), done_(std::move(done)) {}
  bool looks_first() const override { return mark_.events.empty(); }
  Result<void> apply(Database& database) override { return raise_mark(database, mark_); }
  void done(Result<void> result) override { done_(std::move(result)); }

 private:
  const limit::QuotaMark mark_;
  std::move_only_function<void(Result<void>)> done_;
};

}  // namespace sallyport::storage
