#include "limit/log_audit.h"

#include <algorithm>
#include <charconv>
#include <istream>
#include <optional>

#include "base/calendar.h"
#include "base/time_text.h"
#include "limit/interval_audit.h"

namespace sallyport::limit {
namespace {

// What one line says of a decision.
struct Line {
  std::int64_t decided_us = 0;
  std::int64_t time_us = 0;  // wall clock, of arrival
  std::uint32_t cost = 1;
  bool admitted = false;
  std::optional<Holder> refused_by;
  bool by_quota = false;
};

// Our own log: members in one order, texts escaped, no blanks. A name's value, without quotes.
std::string_view member(std::string_view line, std::string_view name) {
  std::string key = ",\"";
  key += name;
  key += "\":";
  std::size_t at = line.find(key);
  if (at == std::string_view::npos) {
    key[0] = '{';
    at = line.find(key);
    if (at == std::string_view::npos) return {};
  }
  std::string_view rest = line.substr(at + key.size());
  if (rest.starts_with('"')) {
    rest.remove_prefix(1);
    return rest.substr(0, rest.find('"'));
  }
  return rest.substr(0, rest.find_first_of(",}"));
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<Holder> holder_of(std::string_view word) {
  for (const Holder holder : {Holder::Api, Holder::Account, Holder::Subscription, Holder::Operation,
                              Holder::Key, Holder::User, Holder::Source}) {
    if (to_string(holder) == word) return holder;
  }
  return std::nullopt;
}

// The member of a line that names whose limit it is.
std::string_view name_of(Holder holder, std::string_view line) {
  switch (holder) {
    case Holder::Api: return member(line, "api");
    case Holder::Account: return member(line, "account");
    case Holder::Key: return member(line, "key_id");
    default: return member(line, "subscription");
  }
}

bool is_rate(std::string_view reason) {
  return reason == "over_rate" || reason == "service_over_rate" || reason == "account_over_rate";
}

// Our own 503 is no decision of a limit.
bool is_decision(std::string_view reason) { return reason != "store_away"; }

using Lines = std::vector<Line>;

void check_rate(const Lines& lines, const RateRule& rule, bool alone, AuditFinding finding,
                std::vector<AuditFinding>& findings) {
  IntervalAudit audit(rule);
  for (const Line& line : lines) {
    // With several rates the log does not say which of them refused: only that none was over.
    const bool refused = alone && line.refused_by == finding.holder && !line.by_quota;
    audit.decided(line.decided_us, line.admitted, refused, line.cost);
  }
  finding.rule = std::to_string(rule.rate) + " per " + std::to_string(rule.seconds) + "s" +
                 (rule.burst == rule.rate ? "" : ", burst " + std::to_string(rule.burst));
  finding.admitted = audit.admitted();
  finding.refused = audit.refused();
  finding.over = audit.over();
  finding.wrongly_refused = audit.wrongly_refused();
  finding.first_fault = audit.first_fault();
  findings.push_back(std::move(finding));
}

// By the wall clock at the decision: what the monotonic clock and the log's times make of it.
void check_quota(const Lines& lines, const Limits& limits, AuditFinding finding,
                 std::vector<AuditFinding>& findings) {
  std::int64_t offset_us = INT64_MIN;  // of the wall clock over the monotonic one
  for (const Line& line : lines) offset_us = std::max(offset_us, line.time_us - line.decided_us);
  std::int64_t end_us = 0;
  std::uint64_t used = 0;
  for (const Line& line : lines) {
    const std::int64_t wall_us = line.decided_us + offset_us;
    if (wall_us >= end_us) {
      end_us =
          period_of(limits.quota_zone, limits.quota_period, limits.quota_anchor, wall_us).end_us;
      used = 0;
    }
    if (line.admitted) {
      ++finding.admitted;
      used += line.cost;
      if (used > *limits.quota) {
        ++finding.over;
        if (finding.first_fault.empty()) {
          finding.first_fault = "more than the quota at " + std::to_string(line.decided_us);
        }
      }
    }
    if (line.refused_by == finding.holder && line.by_quota) ++finding.refused;
  }
  finding.rule =
      std::to_string(*limits.quota) + " per " + std::string(to_string(limits.quota_period));
  findings.push_back(std::move(finding));
}

void check(const AuditedLimits& audited, Lines& lines, std::vector<AuditFinding>& findings) {
  std::ranges::stable_sort(lines, {}, &Line::decided_us);
  const Limits& limits = audited.limits;
  AuditFinding finding;
  finding.holder = audited.holder;
  finding.name = audited.name;
  const bool one_window = limits.windows[1].seconds == 0;
  const bool alone = !(limits.rate_per_second && limits.windows[0].seconds != 0) && one_window;
  if (limits.rate_per_second) {
    const std::uint32_t rate = *limits.rate_per_second;
    check_rate(lines, {rate, limits.burst.value_or(rate), 1}, alone, finding, findings);
  }
  for (const WindowLimit& window : limits.windows) {
    if (window.seconds == 0) continue;
    check_rate(lines, {window.count, window.count, window.seconds}, alone, finding, findings);
  }
  if (limits.quota) check_quota(lines, limits, finding, findings);
}

}  // namespace

std::uint64_t AuditReport::over() const {
  std::uint64_t sum = 0;
  for (const AuditFinding& finding : findings) sum += finding.over;
  return sum;
}

std::uint64_t AuditReport::wrongly_refused() const {
  std::uint64_t sum = 0;
  for (const AuditFinding& finding : findings) sum += finding.wrongly_refused;
  return sum;
}

AuditReport audit_log(std::istream& log, const std::vector<AuditedLimits>& limits) {
  AuditReport report;
  std::map<std::pair<Holder, std::string>, Lines, std::less<>> lines;
  for (const AuditedLimits& one : limits) lines[{one.holder, one.name}];
  for (std::string text; std::getline(log, text);) {
    ++report.lines;
    if (!text.starts_with('{') || !text.ends_with('}')) {
      ++report.unreadable;
      continue;
    }
    Line line;
    line.decided_us = number(member(text, "decided_us"));
    const std::string_view reason = member(text, "reason");
    if (line.decided_us == 0 || !is_decision(reason)) continue;
    ++report.decided;
    line.time_us = parse_rfc3339(member(text, "time")).value_or(0);
    const std::string_view cost = member(text, "cost");
    if (!cost.empty()) line.cost = static_cast<std::uint32_t>(number(cost));
    line.refused_by = holder_of(member(text, "limit"));
    line.by_quota = reason == "over_quota";
    line.admitted = !line.refused_by.has_value();
    if (line.refused_by && !line.by_quota && !is_rate(reason)) line.refused_by.reset();
    for (const Holder holder : {Holder::Api, Holder::Account, Holder::Subscription, Holder::Key}) {
      const auto found = lines.find(std::pair(holder, std::string(name_of(holder, text))));
      if (found != lines.end()) found->second.push_back(line);
    }
  }
  for (const AuditedLimits& one : limits) {
    check(one, lines[{one.holder, one.name}], report.findings);
  }
  return report;
}

std::string to_line(const AuditedLimits& audited) {
  const Limits& limits = audited.limits;
  std::string line = std::string(to_string(audited.holder)) + " " + audited.name;
  const auto add = [&line](std::string_view name, const std::string& value) {
    line += " ";
    line += name;
    line += "=" + value;
  };
  if (limits.rate_per_second) add("rate", std::to_string(*limits.rate_per_second));
  if (limits.burst) add("burst", std::to_string(*limits.burst));
  for (const WindowLimit& window : limits.windows) {
    if (window.seconds != 0) add("window", to_string(window));
  }
  if (limits.quota) {
    add("quota", std::to_string(*limits.quota));
    add("period", std::string(to_string(limits.quota_period)));
    add("anchor", std::to_string(limits.quota_anchor));
    if (limits.quota_zone) add("zone", std::string(zone_name(limits.quota_zone)));
  }
  return line;
}

Result<AuditedLimits> parse_audited(std::string_view line) {
  AuditedLimits audited;
  Limits& limits = audited.limits;
  std::string windows;
  for (std::size_t n = 0; !line.empty(); ++n) {
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, blank);
    line.remove_prefix(std::min(blank + 1, line.size()));
    if (n == 0) {
      const auto holder = holder_of(word);
      if (!holder) return fail(ErrorKind::Invalid, "no holder of limits: " + std::string(word));
      audited.holder = *holder;
      continue;
    }
    if (n == 1) {
      audited.name = word;
      continue;
    }
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string_view name = word.substr(0, equals);
    const std::string_view value = word.substr(std::min(equals + 1, word.size()));
    if (name == "rate") limits.rate_per_second = static_cast<std::uint32_t>(number(value));
    if (name == "burst") limits.burst = static_cast<std::uint32_t>(number(value));
    if (name == "quota") limits.quota = static_cast<std::uint64_t>(number(value));
    if (name == "period")
      limits.quota_period = parse_quota_period(value).value_or(QuotaPeriod::Day);
    if (name == "anchor") limits.quota_anchor = static_cast<std::uint8_t>(number(value));
    if (name == "zone") limits.quota_zone = find_zone(value).value_or(kUtc);
    if (name == "window") windows += (windows.empty() ? "" : " ") + std::string(value);
  }
  if (!read_windows(windows, limits)) return fail(ErrorKind::Invalid, "no window: " + windows);
  return audited;
}

}  // namespace sallyport::limit
