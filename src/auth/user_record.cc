#include "auth/user_record.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/slab.h"

namespace sallyport::auth {
namespace {

std::string display_name_of(const User& user) {
  if (user.first_name.empty() && user.last_name.empty()) return user.username;
  if (user.first_name.empty()) return user.last_name;
  if (user.last_name.empty()) return user.first_name;
  return user.first_name + " " + user.last_name;
}

// Memory for a record with its texts: whole cache lines, of a user with an Argon2id verifier from a
// slab.
constexpr std::size_t kLine = 64;
template <class Act>
auto with_slab(std::size_t size, Act act) {
  switch ((size + kLine - 1) / kLine) {
    case 1:
    case 2:
    case 3: return act(&Slab<3 * kLine, kLine>::instance());
    case 4: return act(&Slab<4 * kLine, kLine>::instance());
    case 5: return act(&Slab<5 * kLine, kLine>::instance());
    default: return act(static_cast<Slab<kLine, kLine>*>(nullptr));
  }
}
void* take_memory(std::size_t size) {
  return with_slab(size, [size](auto* slab) {
    return slab != nullptr ? slab->take() : ::operator new(size, std::align_val_t(kLine));
  });
}
void give_memory(void* memory, std::size_t size) {
  with_slab(size, [memory](auto* slab) {
    return slab != nullptr ? slab->give(memory)
                           : ::operator delete(memory, std::align_val_t(kLine));
  });
}

}  // namespace

struct UserRecord::Texts {
  std::array<std::string_view, 4> parts;  // folded, username, display name, verifier
  std::size_t size() const {
    std::size_t total = 0;
    for (const std::string_view part : parts) total += part.size();
    return total;
  }
};

std::uint64_t user_hash(AccountId account, std::string_view folded) {
  std::uint64_t value = account.value ^ 0xCBF29CE484222325ULL;  // FNV-1a, then mixed
  for (const char c : folded) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
  return value ^ (value >> 31);
}

std::unique_ptr<UserRecord> UserRecord::make(const User& user, std::string_view folded) {
  const std::string whole = display_name_of(user);
  Texts texts{{folded, user.username, whole, user.verifier}};
  if (user.username == folded) texts.parts[1] = {};
  if (whole == user.username) texts.parts[2] = {};
  void* memory = take_memory(sizeof(UserRecord) + texts.size());
  return std::unique_ptr<UserRecord>(
      std::construct_at(static_cast<UserRecord*>(memory), user, texts));
}

void UserRecord::operator delete(UserRecord* record, std::destroying_delete_t) {
  const std::size_t size = sizeof(UserRecord) + record->verifier_end_;
  record->~UserRecord();
  give_memory(record, size);
}

UserRecord::UserRecord(const User& user, const Texts& texts)
    : hash_(user_hash(user.account, texts.parts[0])),
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
  char* const text = reinterpret_cast<char*>(this + 1);
  std::uint32_t end = 0;
  std::uint32_t* const ends[] = {&folded_end_, &username_end_, &display_end_, &verifier_end_};
  for (std::size_t i = 0; i < texts.parts.size(); ++i) {
    std::ranges::copy(texts.parts[i], text + end);
    end += static_cast<std::uint32_t>(texts.parts[i].size());
    *ends[i] = end;
  }
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
