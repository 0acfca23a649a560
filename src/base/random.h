// Randomness as an interface: the system's generator in the product, a seeded one in tests.
#pragma once

#include <cstdint>
#include <span>

namespace sallyport {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::uint8_t> bytes) = 0;
  std::uint64_t next_u64();
  std::uint64_t below(std::uint64_t bound);  // uniform in [0, bound), bound > 0
};

// The kernel's generator, buffered per object. Not for sharing between threads.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override;
};

// SplitMix64 from a seed; for tests and simulations only, never for a secret.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::uint8_t> bytes) override;

 private:
  std::uint64_t state_;
};

}  // namespace sallyport
