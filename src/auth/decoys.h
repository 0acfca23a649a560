// What a name that nobody has is checked against: a verifier that nothing fits, of a kind and cost
// drawn from those in the store, always the same for the same name. The control thread counts the
// verifiers that come and go and publishes; any worker draws, without a lock. What draw() returns
// holds until that worker's loop has its next turn.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/random.h"
#include "base/table.h"

namespace sallyport::auth {

class Decoys {
 public:
  explicit Decoys(Reclaimer& reclaimer);
  ~Decoys();
  Decoys(const Decoys&) = delete;
  Decoys& operator=(const Decoys&) = delete;

  void add(std::string_view verifier);
  void remove(std::string_view verifier);
  void publish();  // what was added and removed since; cheap when nothing was

  // Empty while there is no user at all.
  std::string_view draw(AccountId account, std::string_view folded) const;

 private:
  struct Kind {
    std::string decoy;
    std::uint64_t count = 0;
  };
  struct Drawn {
    std::vector<std::pair<std::uint64_t, std::string>> up_to;  // counts added up, in order of cost
  };

  Reclaimer& reclaimer_;
  SystemRandom random_;
  std::uint64_t seed_;
  std::map<std::string, Kind, std::less<>> kinds_;  // by what they cost
  bool changed_ = false;
  std::atomic<const Drawn*> drawn_ = nullptr;
};

}  // namespace sallyport::auth
