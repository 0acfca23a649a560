#include "admin/row_files.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "admin/key_rows.h"
#include "admin/user_rows.h"
#include "auth/password_format.h"
#include "config/parse.h"

namespace sallyport::admin {
namespace {

int said(std::ostream& err, const std::string& message, int exit_code) {
  err << "sallyport: " << message << "\n";
  return exit_code;
}

// Of the configuration; the server's own if there is one to be read.
auth::Argon2Cost password_cost(const std::string& directory) {
  const auto parsed = config::load(directory + "/sallyport.toml");
  const config::Auth auth = parsed.usable() ? parsed.config.auth : config::Auth{};
  return {auth.argon2_memory_kib, auth.argon2_passes, auth.argon2_lanes};
}

Result<KeyFormat> key_format(const CommandRequest& request, const std::string& file,
                             std::istream& content) {
  const auto given = request.options.find("format");
  if (given == request.options.end()) return guess_format(file, content);
  if (given->second.front() == "csv") return KeyFormat::Csv;
  if (given->second.front() == "jsonl") return KeyFormat::JsonLines;
  return fail(ErrorKind::Invalid,
              fmt::format("--format must be csv or jsonl, not \"{}\"", given->second.front()));
}

// Of several ways to say which keys are meant one is enough; empty when that is so.
std::string too_many_choices(const CommandRequest& request) {
  if (request.words.size() > 2) return "give a key's id or --ids, not both";
  for (const char* other : {"subscription", "application", "account"}) {
    if (request.options.contains(other)) return fmt::format("give --ids or --{}, not both", other);
  }
  return {};
}

}  // namespace

Result<void> open_content(const std::string& file, std::ifstream& opened) {
  std::error_code unknown;
  if (std::filesystem::is_directory(file, unknown)) {
    return fail(ErrorKind::NotFound, fmt::format("{} is a directory", file));
  }
  opened.open(file, std::ios::binary);
  if (!opened) return fail(ErrorKind::NotFound, fmt::format("{} cannot be read", file));
  return {};
}

bool reads_rows(const ActionInfo& action, const CommandRequest& request) {
  return action.rows == RowInput::Keys || action.rows == RowInput::Users ||
         (action.rows == RowInput::Ids && request.options.contains("ids"));
}

int send_row_file(const ActionInfo& action, CommandRequest request, const std::string& directory,
                  std::istream& in, RowConsole console,
                  const std::function<CommandReply(const CommandRequest&)>& execute) {
  const bool ids = action.rows == RowInput::Ids;
  if (const std::string rule = ids ? too_many_choices(request) : ""; !rule.empty()) {
    return said(console.err, rule, kBadUsage);
  }
  const std::string file = ids ? request.options["ids"].front() : request.words[2];
  std::ifstream opened;
  if (file != "-") {
    if (const auto done = open_content(file, opened); !done) {
      return said(console.err, done.error().message, kRefused);
    }
    std::error_code unknown;
    const auto size = std::filesystem::file_size(file, unknown);
    if (!unknown) console.total_bytes = static_cast<std::int64_t>(size);
  }
  std::istream& content = file == "-" ? in : opened;
  if (ids) {
    IdRows rows(content);
    return send_rows(std::move(request), rows, {"revoked", "already revoked", ""}, execute,
                     console);
  }
  if (action.rows == RowInput::Users) {
    UserRows rows(content, password_cost(directory));
    return send_rows(std::move(request), rows, {"imported", "already there", ""}, execute, console);
  }
  const auto format = key_format(request, file, content);
  if (!format) return said(console.err, format.error().message, kBadUsage);
  const auto rows = KeyRows::open(content, *format);
  if (!rows) {
    return said(console.err, fmt::format("{}: {}", file, rows.error().message), kRefused);
  }
  return send_rows(std::move(request), **rows, {"imported", "already there", "weak"}, execute,
                   console);
}

}  // namespace sallyport::admin
