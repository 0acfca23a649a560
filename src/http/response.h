// An answer: status, fields in wire form, body. Values; made and sent on one worker.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/reason.h"

namespace sallyport::http {

std::string_view reason_phrase(int status);

// Fields in the order of adding, each already "Name: value\r\n".
class Head {
 public:
  explicit Head(int status = 200) : status_(status) {}
  int status() const { return status_; }
  void set_status(int status) { status_ = status; }
  // Bytes that could end the field (CR, LF, NUL) are a broken invariant of the caller.
  void add(std::string_view name, std::string_view value);
  bool has(std::string_view name) const;                               // any case
  std::optional<std::string_view> value(std::string_view name) const;  // the first one's
  std::string_view wire() const { return fields_; }

 private:
  int status_;
  std::string fields_;
};

struct Response {
  Head head;
  std::string body;
  bool close = false;          // end the connection after it
  Reason reason = Reason::Ok;  // for log and metrics
};

}  // namespace sallyport::http
