// The entities as the application's and the user's door look them up: keys by digest with their
// whole chain, users by (account, folded name). Owned by the server. load() and apply() on the
// control thread; what apply() was given is in force for every reader when it returns. The lookups
// take no lock, on any worker; their pointers hold until that worker's loop has its next turn.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "auth/decoys.h"
#include "auth/records.h"
#include "base/entities.h"
#include "base/table.h"

namespace sallyport::auth {

struct OpenedUser {
  const UserRecord* user = nullptr;
  const GrantedAccount* grant = nullptr;  // none: of the application's own account
};

class Directory {
 public:
  explicit Directory(Reclaimer& reclaimer);
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  void load(const Entities& entities);
  // Where there are too many to have them all at hand: one by one, and loaded() at the end. Before
  // there are readers, keys may be loaded on one thread and users on another.
  void load(const ApiKey& key) { put(key); }
  void load(const User& user) { put(user); }
  void loaded() { decoys_.publish(); }
  void apply(const Change& change);

  // Workers.
  const KeyRecord* find_key(const Digest& digest) const;
  const UserRecord* find_user(AccountId account, std::string_view folded) const;
  // Among the accounts that the application's keys open: its own, then those that granted it, the
  // oldest grant first. "0123456789abcdef\\name" asks in that one of them alone.
  OpenedUser find_user(const ApplicationSlot& application, std::string_view folded) const;
  // By id, in those same accounts.
  OpenedUser find_user(const ApplicationSlot& application, UserId id) const;
  const KeyRecord* find_key(KeyId id) const;
  const UserRecord* find_user(UserId id) const;
  std::string_view name_of(const ApplicationSlot& application) const;

  // What a name that nobody has is checked against; empty when there are no users.
  std::string_view decoy(AccountId account, std::string_view folded) const {
    return decoys_.draw(account, folded);
  }

  // Control thread: for explain and for whoever lists.
  const PlanRecord* find_plan(PlanId id) const;
  // Its address for as long as the directory lives; nullptr when there never was such an account.
  const AccountSlot* find_account(AccountId id) const;
  Status account_status(AccountId id) const;  // Suspended when there is no such account
  std::size_t key_count() const { return keys_.size(); }
  std::size_t user_count() const { return users_.size(); }

 private:
  template <class IdType, class Slot>
  using Slots = std::unordered_map<IdType, std::unique_ptr<Slot>>;

  void put(const Account& account);
  void put(const Application& application);
  void put(const Plan& plan);
  void put(const Subscription& subscription);
  void put(const ApiKey& key);
  void put(const User& user);
  void put(const Workspace& workspace);
  void put(const Grant& grant);
  void remove(const Account& account);
  void remove(const Application& application);
  void remove(const Plan& plan);
  void remove(const Subscription& subscription);
  void remove(const ApiKey& key);
  void remove(const User& user);
  void remove(const Workspace& workspace);
  void remove(const Grant& grant);
  // Developers and roles open and close no key and no user by themselves.
  template <class Other>
  void put(const Other&) {}
  template <class Other>
  void remove(const Other&) {}

  AccountSlot& slot(AccountId id);
  ApplicationSlot& slot(ApplicationId id);
  PlanSlot& slot(PlanId id);
  SubscriptionSlot& slot(SubscriptionId id);
  // A changed copy of what the application has, put in its place.
  template <class Modify>
  void change_extras(ApplicationSlot& place, Modify modify);
  template <class Record>
  void replace(std::atomic<const Record*>& place, std::unique_ptr<const Record> record);

  // Where a record is, by its id; the other table owns it.
  struct ById {
    static constexpr bool kOwns = false;
    static std::uint64_t of(const KeyRecord& key) { return std::hash<KeyId>{}(key.id); }
    static std::uint64_t of(const UserRecord& user) { return std::hash<UserId>{}(user.id()); }
  };

  Reclaimer& reclaimer_;
  Table<KeyRecord> keys_;
  Table<UserRecord> users_;
  Decoys decoys_;
  // A slot stays when its entity goes, empty: a record may still point to it, and ids never return.
  Slots<AccountId, AccountSlot> accounts_;
  Slots<ApplicationId, ApplicationSlot> applications_;
  Slots<PlanId, PlanSlot> plans_;
  Slots<SubscriptionId, SubscriptionSlot> subscriptions_;
  Table<KeyRecord, ById> keys_by_id_;
  Table<UserRecord, ById> users_by_id_;
};

}  // namespace sallyport::auth
