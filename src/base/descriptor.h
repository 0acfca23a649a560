// A file descriptor that closes itself. One owner, movable; -1 = none.
#pragma once

#include <unistd.h>

#include <utility>

namespace sallyport {

class Descriptor {
 public:
  explicit Descriptor(int file = -1) : file_(file) {}
  Descriptor(Descriptor&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~Descriptor() {
    if (file_ >= 0) ::close(file_);
  }
  int operator*() const { return file_; }

 private:
  int file_;
};

}  // namespace sallyport
