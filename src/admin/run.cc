#include "admin/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "admin/bounds.h"
#include "base/encoding.h"
#include "base/time_text.h"
#include "config/reading.h"

namespace sallyport::admin {
namespace {

constexpr std::size_t kMaxNameCodePoints = 100;

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::optional<std::uint64_t> parse_number(std::string_view text, std::uint64_t most) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > most) return std::nullopt;
  return value;
}

// One of an opening's own limits; false for what is not written so.
bool read_own(Limits& own, const std::string& name, const std::string& value) {
  if (name == "window") {
    const std::string known = windows_text(own);
    return read_windows(known.empty() ? value : known + " " + value, own);
  }
  const std::size_t slash = name == "quota" ? value.find('/') : std::string::npos;
  const auto number = parse_number(value.substr(0, slash), kMostQuota);
  if (!number) return false;
  if (name == "quota") {
    const auto period = slash == std::string::npos ? std::optional(QuotaPeriod::Day)
                                                   : parse_quota_period(value.substr(slash + 1));
    own.quota = *number;
    own.quota_period = period.value_or(QuotaPeriod::Day);
    return period.has_value();
  }
  if (*number > kMostRate) return false;
  const auto small = static_cast<std::uint32_t>(*number);
  if (name == "rate") own.rate_per_second = small;
  if (name == "burst") own.burst = small;
  if (name == "concurrency") own.concurrency = small;
  return name == "rate" || name == "burst" || name == "concurrency";
}

}  // namespace

std::vector<std::string> Run::all(std::string_view option) const {
  const auto found = request_.options.find(std::string(option));
  return found == request_.options.end() ? std::vector<std::string>{} : found->second;
}

std::string Run::one(std::string_view option) const {
  const auto values = all(option);
  return values.empty() ? std::string() : values.back();
}

std::optional<std::string> Run::secret(std::string_view name) const {
  const auto found = request_.secrets.find(std::string(name));
  return found == request_.secrets.end() ? std::nullopt : std::optional(found->second);
}

CommandReply Run::refusal() const {
  return {error_ ? exit_code_ : kRefused, "", "", error_ ? error_->message : "nothing to do"};
}

void Run::note(Error error, int exit_code) {
  if (error_) return;  // the first one tells most
  error_ = std::move(error);
  exit_code_ = exit_code;
}

std::string Run::new_name(std::string_view what, std::string name) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (name.empty()) {
    refuse(fmt::format("the {} must not be empty", what));
  } else if (!is_utf8(name) || std::ranges::any_of(name, is_control)) {
    refuse(fmt::format("the {} must be UTF-8 without control characters", what));
  } else if (name.front() == ' ' || name.back() == ' ') {
    refuse(fmt::format("the {} must not begin or end with a blank", what));
  } else if (count_code_points(name) > kMaxNameCodePoints) {
    refuse(fmt::format("the {} has {} characters, more than {}", what, count_code_points(name),
                       kMaxNameCodePoints));
  } else if (parse_hex_upper(name)) {
    refuse(
        fmt::format("the {} \"{}\" looks like an id, so nobody could tell them apart", what, name));
  }
  return name;
}

constexpr std::string_view kLimitOptions[] = {"rate",       "burst",        "window",
                                              "quota",      "quota-period", "quota-anchor",
                                              "quota-zone", "concurrency"};

bool Run::gives_limits(std::string_view prefix) const {
  return std::ranges::any_of(kLimitOptions, [&](std::string_view option) {
    return has(std::string(prefix) + std::string(option));
  });
}

void Run::read_limits(Limits& limits, std::string_view none, std::string_view prefix) {
  const auto named = [&](std::string_view option) {
    return std::string(prefix) + std::string(option);
  };
  const auto read = [&]<class Integer>(std::string_view word, std::optional<Integer>& out,
                                       std::uint64_t most) {
    const std::string option = named(word);
    if (!has(option)) return;
    const std::string text = one(option);
    if (text == none) {
      out.reset();
    } else if (const auto value = parse_number(text, most)) {
      out = static_cast<Integer>(*value);
    } else {
      refuse(fmt::format("--{} must be a number from 0 to {}, or \"{}\", not \"{}\"", option, most,
                         none, text));
    }
  };
  read("rate", limits.rate_per_second, kMostRate);
  read("burst", limits.burst, kMostRate);
  read("quota", limits.quota, kMostQuota);
  read("concurrency", limits.concurrency, kMostConcurrency);
  read_calendar(limits, std::string(prefix));
  if (const std::string option = named("window"); has(option)) {
    std::string joined;
    for (const std::string& text : all(option)) {
      if (text != none) joined += (joined.empty() ? "" : " ") + text;
    }
    if (!read_windows(joined, limits)) {
      refuse(
          fmt::format("--{} must be like 500/10m, with a length of 1s to 1h, at most {} times, "
                      "or \"{}\", not \"{}\"",
                      option, kMaxWindows, none, joined));
    }
  }
  check_burst(limits);
}

void Run::read_calendar(Limits& limits, const std::string& prefix) {
  if (const std::string option = prefix + "quota-period"; has(option)) {
    const std::string text = one(option);
    if (const auto period = parse_quota_period(text)) {
      limits.quota_period = *period;
    } else {
      refuse(fmt::format("--{} must be minute, hour, day or month, not \"{}\"", option, text));
    }
  }
  if (const std::string option = prefix + "quota-anchor"; has(option)) {
    const auto day = parse_number(one(option), 31);
    if (!day || *day == 0) {
      refuse(
          fmt::format("--{} must be a day of the month, 1 to 31, not \"{}\"", option, one(option)));
    }
    limits.quota_anchor = static_cast<std::uint8_t>(day.value_or(1));
    if (limits.quota_anchor > 1 && limits.quota_period != QuotaPeriod::Month) {
      refuse(fmt::format("--{} needs a quota per month", option));
    }
  }
  if (const std::string option = prefix + "quota-zone"; has(option)) {
    const std::string text = one(option);
    const auto zone = find_zone(text);
    limits.quota_zone = zone.value_or(ZoneId{});
    if (!zone && text != "account") {
      refuse(
          fmt::format("--{}: \"{}\" is no time zone; they are named like Europe/Rome, and "
                      "\"account\" is the account's",
                      option, text));
    }
  }
}

void Run::check_burst(const Limits& limits) {
  if (limits.burst && !limits.rate_per_second) {
    refuse("a burst needs a rate: give --rate too");
  } else if (limits.burst && *limits.burst < *limits.rate_per_second) {
    refuse(fmt::format("the burst is {}, below the rate, which is {} per second", *limits.burst,
                       *limits.rate_per_second));
  }
}

std::optional<std::optional<std::uint64_t>> Run::number(std::string_view option, std::uint64_t most,
                                                        std::string_view none) {
  if (!has(option)) return std::nullopt;
  const std::string text = one(option);
  if (text == none) return std::optional<std::uint64_t>();
  const auto value = parse_number(text, most);
  if (!value) {
    refuse(fmt::format("--{} must be a number from 0 to {}, or \"{}\", not \"{}\"", option, most,
                       none, text));
    return std::nullopt;
  }
  return value;
}

std::int64_t Run::duration_us(std::string_view option, std::int64_t otherwise) {
  if (!has(option)) return otherwise;
  const std::string text = one(option);
  const auto duration = config::parse_duration(text);
  if (!duration) {
    refuse(fmt::format("--{} must be a time like 30m, 24h or 7d, not \"{}\"", option, text));
    return otherwise;
  }
  return std::chrono::duration_cast<std::chrono::microseconds>(*duration).count();
}

// "messaging:messages.create rate=5 burst=10 window=500/10m quota=100/day concurrency=3"
PlanOpening Run::opening(const std::string& text) {
  PlanOpening opening;
  std::string match_words;
  for (const std::string& word : split(text, ' ')) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || word.front() == '/') {
      match_words += (match_words.empty() ? "" : " ") + word;
      continue;
    }
    if (!read_own(opening.own, word.substr(0, equals), word.substr(equals + 1))) {
      refuse(
          fmt::format("\"{}\": an opening's own limits are written rate=5, burst=10, "
                      "window=500/10m, quota=100/day and concurrency=3",
                      word));
    }
  }
  opening.match = match(match_words);
  check_burst(opening.own);
  return opening;
}

Match Run::match(const std::string& text) {
  Match match;
  const std::vector<std::string> words = split(text, ' ');
  if (words.size() == 1) {
    const std::size_t colon = text.find(':');
    match.api = text.substr(0, colon);
    match.operation = colon == std::string::npos ? "*" : text.substr(colon + 1);
    const auto& known = services_.operations;
    if (match.operation.empty() ||
        (match.operation != "*" && !known.empty() && !contains(known, match.operation))) {
      refuse(fmt::format("there is no operation \"{}\"; there are: *, {}", match.operation,
                         listed(known)));
    }
  } else if (words.size() == 3) {
    static const std::vector<std::string> kMethods = {"*",   "GET",   "HEAD",   "POST",
                                                      "PUT", "PATCH", "DELETE", "OPTIONS"};
    match.api = words[0];
    match.methods = split(words[1], ',');
    match.pattern = words[2];
    for (const std::string& method : match.methods) {
      if (!contains(kMethods, method)) {
        refuse(fmt::format("there is no method \"{}\"; there are: {}", method, listed(kMethods)));
      }
    }
    if (services_.check_pattern) take(services_.check_pattern(match.pattern));
  } else {
    refuse(
        fmt::format("\"{}\" must be \"API:OPERATION\", or \"API METHODS PATTERN\" with methods "
                    "like GET,POST",
                    text));
  }
  const auto& apis = services_.apis;
  if (match.api != "*" && !apis.empty() && !contains(apis, match.api)) {
    refuse(fmt::format("there is no API \"{}\" in the configuration; there are: *, {}", match.api,
                       listed(apis)));
  }
  return match;
}

std::vector<Network> Run::networks(std::string_view option) {
  std::vector<Network> networks;
  for (const std::string& text : all(option)) {
    const Network network = take(Network::parse(text));
    if (std::ranges::find(networks, network) == networks.end()) networks.push_back(network);
  }
  return networks;
}

std::int64_t Run::time(std::string_view option) {
  if (!has(option)) return 0;
  const std::string text = one(option);
  const std::string whole = text.size() == 10 ? text + "T00:00:00Z" : text;
  const auto time = parse_rfc3339(whole);
  if (!time) {
    refuse(
        fmt::format("--{} must be a time like 2027-01-31T12:00:00Z or a date like 2027-01-31, "
                    "not \"{}\"",
                    option, text));
  }
  return time.value_or(0);
}

AccountId Run::account_option() {
  return has("account") ? take(model_.account(one("account"))).id : AccountId{};
}

std::optional<CommandReply> Run::commit(Change change) {
  if (const auto done = commit_(std::move(change)); !done) {
    return CommandReply{kRefused, "", "", done.error().message};
  }
  return std::nullopt;
}

Change Run::record(std::string subject, std::string json) const {
  Change change;
  change.audit = {now_us(), request_.actor, request_.words[0] + "." + request_.words[1],
                  std::move(subject), std::move(json)};
  return change;
}

}  // namespace sallyport::admin
