// The access log: one JSON line per request, buffered per worker, one write per 64 KiB or 100 ms.
// One object per worker, used on its thread only; what cannot be written is counted, never waited
// for. A secret never gets here: the caller passes names and ids only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/net.h"
#include "base/reason.h"
#include "base/result.h"

namespace sallyport::telemetry {

// What the candidates of `role shadow` would have answered.
enum class Shadow : std::uint8_t { None, Same, WouldAllow, WouldDeny };
inline constexpr std::size_t kShadowCount = 4;
std::string_view to_string(Shadow shadow);  // "same", "would_allow", "would_deny"; "" for None

struct AccessEntry {
  std::int64_t time_us = 0;     // wall clock, of arrival
  std::int64_t decided_us = 0;  // monotonic, inside the threshold's cell; 0 = no decision was taken
  std::string_view request_id;
  std::string_view client_request_id;
  IpAddress client;
  std::string account;  // ids as hexadecimal, empty = not known
  std::string application;
  std::string subscription;
  std::string key_id;
  std::string user;  // id, only once proven
  std::string_view api;
  std::string_view route;
  std::string_view method;
  std::string_view path;                  // canonical, or empty
  std::string_view query_names;           // "a&b", names only
  std::size_t refused_target_length = 0;  // set instead of path when not canonical
  Reason reason = Reason::Ok;
  std::string_view limit;   // whose limit refused: "subscription"
  std::uint32_t cost = 1;   // told when it is another
  std::string_view shadow;  // the reason that a limit in shadow would have refused with
  bool credentials_in_clear = false;
  Shadow permission_shadow = Shadow::None;
  std::string shadow_role;  // the candidate that decided; empty = none would permit it
  int status = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::int64_t duration_us = 0;
};

// The file that all workers append to.
class AccessFile {
 public:
  static Result<std::shared_ptr<AccessFile>> open(const std::string& path);
  ~AccessFile();
  // From now on to the file of that path, which may be a new one (logrotate). Nothing is lost or
  // torn: a write goes to the old one or the new one. On an error the old one stays.
  Result<void> reopen(const std::string& path);
  bool append(std::string_view lines);  // O_APPEND, one write; false when it failed
  bool failing() const;                 // the last append failed
  std::uint64_t dropped() const;
  void count_dropped(std::uint64_t lines);

 private:
  struct State;
  std::unique_ptr<State> state_;

 public:
  explicit AccessFile(std::unique_ptr<State> state);  // open()'s; nobody else has a State
};

class AccessLog {
 public:
  // `required`: requests are to be refused while the file cannot be written.
  explicit AccessLog(std::shared_ptr<AccessFile> file, bool required = false);
  ~AccessLog();  // flushes
  bool must_refuse() const { return required_ && file_->failing(); }
  void set_required(bool required) { required_ = required; }
  void add(const AccessEntry& entry);
  void flush();  // the worker calls it every 100 ms

 private:
  void append_time(std::int64_t unix_us);

  std::shared_ptr<AccessFile> file_;
  bool required_;
  std::int64_t second_ = -1;  // that second_text_ says
  std::string second_text_;   // "2026-11-24T09:02:18"
  std::string buffer_;
  std::uint64_t lines_ = 0;
};

}  // namespace sallyport::telemetry
