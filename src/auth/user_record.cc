#include "auth/user_record.h"

#include <algorithm>
#include <string>

namespace sallyport::auth {
namespace {

std::string display_name_of(const User& user) {
  if (user.first_name.empty() && user.last_name.empty()) return user.username;
  if (user.first_name.empty()) return user.last_name;
  if (user.last_name.empty()) return user.first_name;
  return user.first_name + " " + user.last_name;
}

}  // namespace

std::uint64_t user_hash(AccountId account, std::string_view folded) {
  std::uint64_t value = account.value ^ 0xCBF29CE484222325ULL;  // FNV-1a, then mixed
  for (const char c : folded) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

UserRecord::UserRecord(const User& user, std::string_view folded)
    : hash_(user_hash(user.account, folded)),
      account_(user.account),
      id_(user.id),
      status_(user.status),
      must_change_(user.must_change),
      security_version_(user.security_version) {
  if (user.roles.size() == 1) {
    role_ = user.roles.front();
    has_role_ = true;
  }
  if (user.roles.size() > 1 || !user.allowed_networks.empty()) {
    extras_ = std::make_unique<Extras>(
        Extras{has_role_ ? std::vector<RoleAssignment>() : user.roles, user.allowed_networks});
  }
  const std::string whole = display_name_of(user);
  const std::string_view username =
      user.username == folded ? std::string_view() : std::string_view(user.username);
  const std::string_view display =
      whole == user.username ? std::string_view() : std::string_view(whole);
  const std::size_t total = folded.size() + username.size() + display.size() + user.verifier.size();
  text_ = std::make_unique<char[]>(total + 1);
  std::uint32_t end = 0;
  auto append = [this, &end](std::string_view text) {
    std::ranges::copy(text, text_.get() + end);
    end += static_cast<std::uint32_t>(text.size());
    return end;
  };
  folded_end_ = append(folded);
  username_end_ = append(username);
  display_end_ = append(display);
  verifier_end_ = append(user.verifier);
}

const std::vector<Network>& UserRecord::allowed_networks() const {
  static const std::vector<Network> everywhere;
  return extras_ == nullptr ? everywhere : extras_->allowed_networks;
}

bool UserRecord::is_proven(const Proof& proof) const {
  const Proof last{proof_high_.load(std::memory_order_relaxed),
                   proof_low_.load(std::memory_order_relaxed)};
  return last != Proof{} && ((last.high ^ proof.high) | (last.low ^ proof.low)) == 0;
}

void UserRecord::set_proven(const Proof& proof) const {
  proof_high_.store(proof.high, std::memory_order_relaxed);
  proof_low_.store(proof.low, std::memory_order_relaxed);
}

bool UserRecord::mark(std::uint64_t mark) const {
  if (mark_.load(std::memory_order_relaxed) == mark) return false;
  mark_.store(mark, std::memory_order_relaxed);
  return true;
}

void UserRecord::copy_proof(const UserRecord& older) {
  if (older.id_ != id_ || older.security_version_ != security_version_ ||
      older.verifier() != verifier()) {
    return;
  }
  set_proven({older.proof_high_.load(std::memory_order_relaxed),
              older.proof_low_.load(std::memory_order_relaxed)});
}

}  // namespace sallyport::auth
