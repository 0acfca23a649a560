#include "admin/store_commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include "admin/json_text.h"
#include "admin/secrets_directory.h"

namespace sallyport::admin {
namespace {

CommandReply refused(std::string text) { return {kRefused, "", "", std::move(text)}; }

std::string plural(std::int64_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

}  // namespace

CommandReply backup(const std::string& directory, const std::string& file,
                    const StoreFiles& files) {
  const auto made = files.backup(directory, file);
  if (!made) return refused(made.error().message);
  CommandReply reply;
  reply.text = fmt::format(
      "{}: {} bytes, {} of the audit log. It holds digests and verifiers: keep it as you keep "
      "{}/secrets, which is not in it.\n",
      file, made->bytes, plural(made->audit_rows, "row"), directory);
  reply.json = JsonObject()
                   .text("file", file)
                   .number("bytes", made->bytes)
                   .number("audit_rows", made->audit_rows)
                   .str();
  return reply;
}

CommandReply restore(const std::string& directory, const std::string& file,
                     const StoreFiles& files) {
  if (const auto closed = check_secrets_directory(directory); !closed) {
    return refused(closed.error().message);
  }
  const auto audit_key = load_secret_key(directory, kAuditKey);
  if (!audit_key) return refused(audit_key.error().message);
  const auto done = files.restore(directory, file, *audit_key, fmt::format("uid {}", ::geteuid()));
  if (!done && done.error().kind == ErrorKind::Conflict) {
    return refused(fmt::format("{}; stop it first, then restore", done.error().message));
  }
  if (!done) return refused(done.error().message);
  CommandReply reply;
  reply.text = fmt::format(
      "restored from {}. Ended since then, and so kept ended: {}. Tokens and proofs ended of {}. "
      "The store that was there is {}\n",
      file, done->ended, plural(done->users, "user"), done->kept);
  reply.json = JsonObject()
                   .text("file", file)
                   .number("kept_ended", done->ended)
                   .number("users", done->users)
                   .number("audit_rows", done->audit_rows)
                   .text("replaced", done->kept)
                   .str();
  return reply;
}

}  // namespace sallyport::admin
