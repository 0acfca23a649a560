#include "telemetry/access_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include "base/encoding.h"
#include "base/time_text.h"

namespace sallyport::telemetry {
namespace {

constexpr std::size_t kFlushBytes = 64 * 1024;

void append_text(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":\"";
  append_json_escaped(out, value);
  out += '"';
}

template <class Number>
void append_number(std::string& out, std::string_view name, Number value) {
  const fmt::format_int digits(value);
  out.append(",\"").append(name).append("\":").append(digits.data(), digits.size());
}

}  // namespace

std::string_view to_string(Shadow shadow) {
  switch (shadow) {
    case Shadow::None: return "";
    case Shadow::Same: return "same";
    case Shadow::WouldAllow: return "would_allow";
    case Shadow::WouldDeny: return "would_deny";
  }
  return "";
}

struct AccessFile::State {
  int descriptor = -1;
  std::atomic<std::uint64_t> dropped = 0;
  std::atomic<bool> failing = false;
  std::atomic<bool> torn = false;  // the last append ended within a line
};

AccessFile::AccessFile(std::unique_ptr<State> state) : state_(std::move(state)) {}

AccessFile::~AccessFile() {
  if (state_->descriptor >= 0) ::close(state_->descriptor);
}

Result<std::shared_ptr<AccessFile>> AccessFile::open(const std::string& path) {
  auto state = std::make_unique<State>();
  state->descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (state->descriptor < 0) {
    return fail(ErrorKind::Unavailable,
                fmt::format("access log {}: {}", path, std::strerror(errno)));
  }
  return std::make_shared<AccessFile>(std::move(state));
}

Result<void> AccessFile::reopen(const std::string& path) {
  auto opened = open(path);
  if (!opened) return std::unexpected(opened.error());
  // The number stays, so no worker need be told.
  if (::dup3((*opened)->state_->descriptor, state_->descriptor, O_CLOEXEC) < 0) {
    return fail(ErrorKind::Unavailable,
                fmt::format("access log {}: {}", path, std::strerror(errno)));
  }
  state_->torn = false;
  return {};
}

bool AccessFile::append(std::string_view lines) {
  // A disk that was full may have taken half a line: what follows must not join it.
  if (state_->torn && ::write(state_->descriptor, "\n", 1) == 1) state_->torn = false;
  const ssize_t written = ::write(state_->descriptor, lines.data(), lines.size());
  const bool whole = written == static_cast<ssize_t>(lines.size());
  if (written > 0 && !whole) state_->torn = true;
  state_->failing.store(!whole, std::memory_order_relaxed);
  return whole;
}

bool AccessFile::failing() const { return state_->failing.load(std::memory_order_relaxed); }

std::uint64_t AccessFile::dropped() const {
  return state_->dropped.load(std::memory_order_relaxed);
}

void AccessFile::count_dropped(std::uint64_t lines) {
  state_->dropped.fetch_add(lines, std::memory_order_relaxed);
}

AccessLog::AccessLog(std::shared_ptr<AccessFile> file, bool required)
    : file_(std::move(file)), required_(required) {
  buffer_.reserve(kFlushBytes + 4096);
}

AccessLog::~AccessLog() { flush(); }

// The calendar is asked once a second, not once a request.
void AccessLog::append_time(std::int64_t unix_us) {
  constexpr std::int64_t kSecond_us = 1'000'000;
  if (unix_us / kSecond_us != second_) {
    second_ = unix_us / kSecond_us;
    second_text_ = rfc3339_seconds(second_ * kSecond_us);
    second_text_.pop_back();  // the Z comes behind the fraction
  }
  buffer_ += second_text_;
  char fraction[] = ".000000Z";
  auto rest = static_cast<std::uint32_t>(unix_us % kSecond_us);
  for (std::size_t i = 6; i > 0; --i, rest /= 10) {
    fraction[i] = static_cast<char>('0' + rest % 10);
  }
  buffer_ += fraction;
}

void AccessLog::add(const AccessEntry& entry) {
  std::string& out = buffer_;
  out += "{\"time\":\"";
  append_time(entry.time_us);
  out += '"';
  append_number(out, "decided_us", entry.decided_us);
  append_text(out, "request_id", entry.request_id);
  append_text(out, "client_request_id", entry.client_request_id);
  append_text(out, "client", entry.client.text());
  append_text(out, "account", entry.account);
  append_text(out, "application", entry.application);
  append_text(out, "subscription", entry.subscription);
  append_text(out, "key_id", entry.key_id);
  append_text(out, "user", entry.user);
  append_text(out, "api", entry.api);
  append_text(out, "route", entry.route);
  append_text(out, "method", entry.method);
  if (entry.refused_target_length != 0) {
    append_number(out, "target_length", entry.refused_target_length);
  } else {
    append_text(out, "path", entry.path);
    if (!entry.query_names.empty()) {
      out.pop_back();  // the quote; the names belong to the same string
      out += '?';
      append_json_escaped(out, entry.query_names);
      out += '"';
    }
  }
  append_text(out, "reason", to_string(entry.reason));
  if (!entry.limit.empty()) append_text(out, "limit", entry.limit);
  if (entry.cost != 1) append_number(out, "cost", entry.cost);
  if (!entry.shadow.empty()) append_text(out, "shadow", entry.shadow);
  if (entry.credentials_in_clear) out += ",\"credentials_in_clear\":true";
  if (entry.permission_shadow != Shadow::None) {
    append_text(out, "permission_shadow", to_string(entry.permission_shadow));
    append_text(out, "shadow_role", entry.shadow_role);
  }
  append_number(out, "status", entry.status);
  append_number(out, "bytes_in", entry.bytes_in);
  append_number(out, "bytes_out", entry.bytes_out);
  append_number(out, "duration_us", entry.duration_us);
  out += "}\n";
  ++lines_;
  if (out.size() >= kFlushBytes) flush();
}

void AccessLog::flush() {
  if (buffer_.empty()) return;
  if (!file_->append(buffer_)) file_->count_dropped(lines_);
  buffer_.clear();
  lines_ = 0;
}

}  // namespace sallyport::telemetry
