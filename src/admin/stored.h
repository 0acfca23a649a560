// Keys and users, as administration sees them. There may be millions, so they stay in the store and
// are read when they are asked for; what is in force but could not be written is held here until it
// is. Part of Model; one thread at a time. What cannot be read is as if it were not there, and
// take_failure() tells: Commands lets no command end well, or change anything, that met one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "auth/entity_store.h"
#include "base/entities.h"
#include "base/result.h"

namespace sallyport::admin {

// Those that were asked for, oldest first: read like a list of pointers, and owns what they
// point to.
template <class T>
class Selection {
 public:
  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = const T*;
    Iterator() = default;
    explicit Iterator(const T* at) : at_(at) {}
    const T* operator*() const { return at_; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++at_;
      return before;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const T* at_ = nullptr;
  };

  void add(T one) { all_.push_back(std::move(one)); }
  void sort() {
    std::ranges::sort(all_, {}, [](const T& one) { return std::pair(one.created_us, one.id); });
  }
  Iterator begin() const { return Iterator(all_.data()); }
  Iterator end() const { return Iterator(all_.data() + all_.size()); }
  const T* front() const { return all_.data(); }
  std::size_t size() const { return all_.size(); }
  bool empty() const { return all_.empty(); }

 private:
  std::vector<T> all_;
};

template <class T>
class Stored {
 public:
  Stored() = default;  // none, for whoever needs the names of the others only
  explicit Stored(auth::EntityStore& store) : store_(&store) {}

  std::optional<T> find(decltype(T::id) id) const {
    if (const auto held = held_.find(id.value); held != held_.end()) return held->second;
    if (store_ == nullptr) return std::nullopt;
    return note([&] {
      if constexpr (std::is_same_v<T, ApiKey>) return store_->key(id);
      if constexpr (std::is_same_v<T, User>) return store_->user(id);
    }());
  }
  // Reads all there are.
  template <class Matches>
  Selection<T> select(Matches&& matches) const {
    Selection<T> found;
    each(std::nullopt, [&](const T& one) {
      if (matches(one)) found.add(one);
    });
    found.sort();
    return found;
  }
  Selection<T> all() const {
    return select([](const T&) { return true; });
  }
  template <class Matches>
  std::size_t count(Matches&& matches) const {
    std::size_t found = 0;
    each(std::nullopt, [&](const T& one) { found += matches(one) ? 1 : 0; });
    return found;
  }
  // Of keys: reads no others.
  Selection<T> of(SubscriptionId subscription) const {
    Selection<T> found;
    each(subscription, [&](const T& one) { found.add(one); });
    found.sort();
    return found;
  }
  // The account's user of this folded name.
  std::optional<T> named(AccountId account, const std::string& folded) const {
    const std::optional<UserId> id =
        store_ == nullptr ? std::nullopt : note(store_->find_user(account, folded));
    return id ? find(*id) : std::nullopt;
  }

  void hold(const T& entity) { held_.insert_or_assign(entity.id.value, entity); }
  void release(const T& entity) { held_.erase(entity.id.value); }
  std::optional<Error> take_failure() const { return std::exchange(failure_, std::nullopt); }

 private:
  template <class Take>
  void each(std::optional<SubscriptionId> of, Take&& take) const {
    if (store_ == nullptr) return;
    const auto one = [&](const T& stored) {
      const auto held = held_.find(stored.id.value);
      take(held == held_.end() ? stored : held->second);
    };
    Result<void> read;
    if constexpr (std::is_same_v<T, ApiKey>) read = store_->each_key(of, one);
    if constexpr (std::is_same_v<T, User>) read = store_->each_user(one);
    if (!read) failure_ = read.error();
  }
  template <class Value>
  std::optional<Value> note(Result<std::optional<Value>> read) const {
    if (read) return std::move(*read);
    failure_ = read.error();
    return std::nullopt;
  }

  auth::EntityStore* store_ = nullptr;
  std::unordered_map<std::uint64_t, T> held_;
  mutable std::optional<Error> failure_;
};

}  // namespace sallyport::admin
