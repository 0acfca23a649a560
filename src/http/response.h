// An answer: status, fields in wire form, body, whole or as it comes. Made and sent on one worker.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/reason.h"
#include "base/task.h"

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

// A body that is sent as it comes. Nothing is asked of it before the piece before has been written:
// a slow reader slows the source down. Destroyed when the answer has been sent or given up.
class BodySource {
 public:
  virtual ~BodySource() = default;
  virtual std::string_view fields() const = 0;              // more of the head, in wire form
  virtual std::optional<std::uint64_t> length() const = 0;  // none: not known before its end
  // What is there without a wait; may be empty. Pieces hold until the next call.
  virtual std::string_view ready() = 0;
  virtual bool ended() const = 0;
  // The next piece, empty at the end; or why it broke off: the client must see that it did.
  virtual Task<std::expected<std::string_view, Reason>> next() = 0;
  virtual std::string_view trailers() const = 0;  // "Name: value\r\n" each; once ended()
};

struct Response {
  Head head;
  std::string body;
  std::unique_ptr<BodySource> source;  // in place of body
  bool close = false;                  // end the connection after it
  Reason reason = Reason::Ok;          // for log and metrics
};

}  // namespace sallyport::http
