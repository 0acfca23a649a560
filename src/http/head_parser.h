// A request's head, tokenised in place: names are lowered where they lie, nothing is copied. Strict
// HTTP/1.1 (RFC 9112): CRLF ends a line and nothing else does, no folding, no blank before a colon.
// What the fields mean for the framing is head_rules'. Pure, on the connection's worker.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/reason.h"
#include "config/config.h"
#include "http/request.h"

namespace sallyport::http {

struct HeadFault {
  Reason reason = Reason::Ok;  // Ok = no fault
  const char* detail = "";     // fixed text, never the client's bytes
};

// Finds the end of a head while it arrives, and refuses what is too long or broken before it is
// whole. One per connection; reset() for each head.
class HeadScanner {
 public:
  explicit HeadScanner(const config::Limits& limits) : limits_(limits) {}
  void reset() { *this = HeadScanner(limits_); }

  // `data` holds all bytes since the head began. True when the head is complete, with end() just
  // behind its empty line.
  bool scan(std::string_view data, HeadFault& fault);
  std::size_t begin() const { return begin_; }  // behind empty lines in front (RFC 9112 2.2)
  std::size_t end() const { return position_; }
  bool complete() const { return complete_; }

 private:
  HeadScanner& operator=(const HeadScanner& other) {
    begin_ = other.begin_;
    position_ = other.position_;
    line_ = other.line_;
    lines_ = other.lines_;
    complete_ = other.complete_;
    return *this;
  }
  const config::Limits& limits_;
  std::size_t begin_ = 0;
  std::size_t position_ = 0;  // scanned up to here
  std::size_t line_ = 0;      // where the current line begins
  std::size_t lines_ = 0;     // complete lines of the head
  bool complete_ = false;
};

struct ParsedHead {
  std::string_view method;
  std::string_view target;
  std::string_view version;  // "HTTP/1.1"
};

// `head` is what the scanner found, without empty lines in front. Fields go to request.fields.
HeadFault parse_head(char* head, std::size_t size, Request& request, ParsedHead& out);

}  // namespace sallyport::http
