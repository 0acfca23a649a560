// A secret in memory: wiped when it goes, not copyable by accident, without a formatter or stream
// operator, compared in constant time. Any thread, one owner.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace sallyport {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  explicit Secret(std::string_view text) : text_(text) {}
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  Secret clone() const { return Secret(std::string_view(text_)); }
  // The one way to the bytes; a call to it is what a reviewer looks for.
  std::string_view reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  std::size_t size() const { return text_.size(); }

 private:
  std::string text_;
};

void wipe(std::string& text);
bool equal_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);
bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace sallyport
