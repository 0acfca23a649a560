// What the doors know of a user: immutable and replaced whole, but for the slot with the proof of
// the password. Small, because there may be a million. Owned by Directory; any worker reads it
// within one turn of its loop.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <vector>

#include "base/entities.h"
#include "base/net.h"

namespace sallyport::auth {

// The keyed MAC of the last proven password; see auth/verifier.h.
struct Proof {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const Proof&) const = default;
};

class UserRecord {
  struct Texts;  // as they follow the record

 public:
  // `folded` is fold_username(user.username).
  static std::unique_ptr<UserRecord> make(const User& user, std::string_view folded);
  UserRecord(const User& user, const Texts& texts);  // for make()
  UserRecord(const UserRecord&) = delete;
  UserRecord& operator=(const UserRecord&) = delete;
  ~UserRecord() = default;
  static void operator delete(UserRecord* record, std::destroying_delete_t);

  UserId id() const { return id_; }
  AccountId account() const { return account_; }
  std::uint64_t security_version() const { return security_version_; }
  Status status() const { return status_; }
  bool must_change() const { return must_change_; }
  std::span<const RoleAssignment> roles() const {
    if (extras_ != nullptr && !extras_->roles.empty()) return extras_->roles;
    return {&role_, has_role_ ? 1U : 0U};
  }
  const std::vector<Network>& allowed_networks() const;
  std::string_view folded() const { return part(0, folded_end_); }
  std::string_view username() const {
    return username_end_ == folded_end_ ? folded() : part(folded_end_, username_end_);
  }
  std::string_view display_name() const {
    return display_end_ == username_end_ ? username() : part(username_end_, display_end_);
  }
  std::string_view verifier() const { return part(display_end_, verifier_end_); }

  // Any worker, without a lock. Two halves from two writers are the same proof: of the password.
  bool is_proven(const Proof& proof) const;
  void set_proven(const Proof& proof) const;
  bool mark(std::uint64_t mark) const;       // true when it is another than the last one
  void copy_proof(const UserRecord& older);  // keeps it over a change that does not end it

  std::uint64_t hash() const { return hash_; }

 private:
  struct Extras {                       // what few users have
    std::vector<RoleAssignment> roles;  // of one who has several: all of them
    std::vector<Network> allowed_networks;
  };
  // They stand right behind the record, in the same piece of memory: what a request reads of a user
  // is two lines, and there may be a million users.
  std::string_view part(std::uint32_t begin, std::uint32_t end) const {
    return {reinterpret_cast<const char*>(this + 1) + begin, end - begin};
  }

  std::uint64_t hash_;
  AccountId account_;
  UserId id_;
  Status status_;
  bool must_change_;
  bool has_role_ = false;
  // Where the four texts end, one that is like the one before it left out.
  std::uint32_t folded_end_ = 0;
  std::uint32_t username_end_ = 0;
  std::uint32_t display_end_ = 0;
  std::uint32_t verifier_end_ = 0;
  std::uint64_t security_version_;
  mutable std::atomic<std::uint64_t> proof_high_ = 0;
  mutable std::atomic<std::uint64_t> proof_low_ = 0;
  mutable std::atomic<std::uint64_t> mark_ = 0;
  RoleAssignment role_;  // of a user who has just one, as most do
  std::unique_ptr<const Extras> extras_;
};

std::uint64_t user_hash(AccountId account, std::string_view folded);

}  // namespace sallyport::auth
