#include "admin/init.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "admin/certificates.h"
#include "admin/demo.h"
#include "admin/secrets_directory.h"
#include "base/whole_file.h"

namespace sallyport::admin {
namespace {

namespace fs = std::filesystem;

constexpr const char* kApi = "messaging";

constexpr std::string_view kConfiguration = R"(# Sallyport's configuration.
# Every key is described in docs/configuration.md and in sallyport.toml(5). Paths are relative to
# the folder of this file. Check a change with `sallyport check -c FILE`.

[server]
# workers = 0                     # threads that serve requests; 0 = one per core

[[listener]]
kind = "tls"
address = "127.0.0.1"
port = 8443
certificate = "{0}"               # PEM, the chain, leaf first
key = "{1}"                       # PEM, mode 0600

[telemetry]
address = "127.0.0.1"
port = 0                          # 0 = the system chooses; see demo.json

[access_log]
path = "access.log"

[[api]]
name = "messaging"
profile = "classic"               # or "modern": RFC 9457 problem documents, 429
limit_fields = true               # answers tell how the caller's limits stand

[[api.host]]
host = "{2}"
{3}
[channels.file]
directory = "outbox"              # email becomes files here, unless [channels.smtp] names a host

[messaging]
support_contact = "your administrator"
)";

constexpr std::string_view kDemoHosts = R"(
[[api.host]]
host = "api.local.test"

[[api.host]]
host = "127.0.0.1"
)";

std::unexpected<Error> system_failure(const std::string& path, int error) {
  return fail(ErrorKind::Unavailable, fmt::format("{}: {}", path, std::strerror(error)));
}

Result<void> write_tls(const std::string& directory) {
  const std::string folder = directory + "/tls";
  if (::mkdir(folder.c_str(), 0700) != 0) return system_failure(folder, errno);
  const auto made = make_demo_certificates();
  if (!made) return std::unexpected(made.error());
  for (const auto& [name, text] :
       {std::pair{"ca.pem", made->authority_pem}, std::pair{"server.pem", made->server_pem},
        std::pair{"server.key", made->server_key_pem}}) {
    auto written = write_whole_file(fmt::format("{}/{}", folder, name), text);
    if (!written) return written;
  }
  return {};
}

Result<void> fill(const std::string& directory, const InitOptions& options,
                  const CreateStore& create_store, const Clock& clock, Random& random) {
  if (auto made = make_secrets_directory(directory, random); !made) return made;
  auto audit_key = load_secret_key(directory, kAuditKey);
  if (!audit_key) return std::unexpected(audit_key.error());
  auto store = create_store(directory + "/sallyport.db", std::move(*audit_key));
  if (!store) return std::unexpected(store.error());
  if (options.demo) {
    if (auto written = write_tls(directory); !written) return written;
    Demo demo = make_demo(kApi, clock, random);
    if (auto applied = (*store)->apply(demo.change); !applied) return applied;
    if (auto saved = save_demo_secrets(directory, demo.secrets, random); !saved) return saved;
  }
  store->reset();
  const std::string text = options.demo ? fmt::format(kConfiguration, "tls/server.pem",
                                                      "tls/server.key", "localhost", kDemoHosts)
                                        : fmt::format(kConfiguration, "tls/fullchain.pem",
                                                      "tls/privkey.pem", "api.example.com", "");
  return write_whole_file(directory + "/sallyport.toml", text);
}

}  // namespace

Result<void> init(const InitOptions& options, const CreateStore& create_store, const Clock& clock,
                  Random& random) {
  std::error_code error;
  const fs::path target = fs::absolute(options.directory, error).lexically_normal();
  const std::string directory =
      target.has_filename() ? target.string() : target.parent_path().string();
  if (fs::exists(directory + "/sallyport.toml", error)) {
    return fail(ErrorKind::Conflict,
                fmt::format("{} is initialised already; nothing was changed", directory));
  }
  if (fs::exists(directory, error) && !fs::is_empty(directory, error)) {
    return fail(ErrorKind::Conflict,
                fmt::format("{} is not empty and has no sallyport.toml", directory));
  }
  fs::create_directories(fs::path(directory).parent_path(), error);
  if (error) return system_failure(directory, error.value());
  const std::string building = fmt::format("{}.init-{:016x}", directory, random.next_u64());
  if (::mkdir(building.c_str(), 0700) != 0) return system_failure(building, errno);
  auto filled = fill(building, options, create_store, clock, random);
  if (filled) {
    fs::rename(building, directory, error);
    if (error) filled = system_failure(directory, error.value());
  }
  if (!filled) fs::remove_all(building, error);
  return filled;
}

}  // namespace sallyport::admin
