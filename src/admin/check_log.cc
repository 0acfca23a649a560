#include "admin/check_log.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "admin/json_text.h"
#include "limit/log_audit.h"

namespace sallyport::admin {
namespace {

std::string json_of(const limit::AuditReport& report) {
  std::vector<std::string> elements;
  for (const limit::AuditFinding& one : report.findings) {
    if (one.admitted + one.refused == 0) continue;
    elements.push_back(
        JsonObject()
            .text("holder", to_string(one.holder))
            .text("name", one.name)
            .text("rule", one.rule)
            .number("admitted", static_cast<std::int64_t>(one.admitted))
            .number("refused", static_cast<std::int64_t>(one.refused))
            .number("over", static_cast<std::int64_t>(one.over))
            .number("wrongly_refused", static_cast<std::int64_t>(one.wrongly_refused))
            .text_or_null("first_fault", one.first_fault)
            .str());
  }
  return JsonObject()
      .number("lines", static_cast<std::int64_t>(report.lines))
      .number("decisions", static_cast<std::int64_t>(report.decided))
      .number("unreadable", static_cast<std::int64_t>(report.unreadable))
      .number("over", static_cast<std::int64_t>(report.over()))
      .number("wrongly_refused", static_cast<std::int64_t>(report.wrongly_refused()))
      .raw("limits", json_array(elements))
      .str();
}

std::string text_of(const limit::AuditReport& report) {
  std::string text;
  for (const limit::AuditFinding& one : report.findings) {
    if (one.admitted + one.refused == 0) continue;
    text += fmt::format("{} {}: {}: {} admitted, {} refused; {} over, {} wrongly refused{}{}\n",
                        to_string(one.holder), one.name, one.rule, one.admitted, one.refused,
                        one.over, one.wrongly_refused,
                        one.first_fault.empty() ? "" : "; first: ", one.first_fault);
  }
  return text + fmt::format("{} lines, {} decisions{}: {} over, {} wrongly refused\n", report.lines,
                            report.decided,
                            report.unreadable == 0
                                ? ""
                                : fmt::format(", {} lines could not be read", report.unreadable),
                            report.over(), report.wrongly_refused());
}

}  // namespace

CommandReply check_log(const std::string& file, const std::string& limits) {
  std::vector<limit::AuditedLimits> audited;
  std::string notes;
  std::istringstream lines(limits);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) {
      notes += line.substr(line.find_first_not_of("# ")) + "\n";
    } else if (auto one = limit::parse_audited(line)) {
      audited.push_back(std::move(*one));
    } else {
      return {kRefused, "", "", one.error().message};
    }
  }
  std::ifstream log(file);
  if (!log) {
    return {kRefused, "", "", fmt::format("{} cannot be read: {}", file, std::strerror(errno))};
  }
  const limit::AuditReport report = limit::audit_log(log, audited);
  CommandReply reply{kDone, notes + text_of(report), json_of(report), ""};
  if (report.over() + report.wrongly_refused() != 0) {
    reply.exit_code = kRefused;
    reply.error = "the limits did not hold";
  }
  return reply;
}

}  // namespace sallyport::admin
