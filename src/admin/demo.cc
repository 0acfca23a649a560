#include "admin/demo.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>

#include "admin/json_text.h"
#include "admin/secrets_directory.h"
#include "auth/api_key.h"
#include "auth/password_hash.h"
#include "base/crypto.h"
#include "base/whole_file.h"

namespace sallyport::admin {
namespace {

constexpr std::string_view kSealedFile = "secrets/demo.sealed";
constexpr std::string_view kSealContext = "demo secrets 1";
constexpr const char* kReaderOperations[] = {"root.show",     "workspaces.list", "workspaces.show",
                                             "messages.list", "messages.show",   "messages.status"};

struct Line {
  const char* file;
  const char* what;
};
constexpr Line kLines[] = {
    {"ok", "right key, right user: 200"},
    {"wrong-key", "a key that nobody has: 403 Developer Inactive"},
    {"inactive-key", "a disabled key: the same 403"},
    {"wrong-password", "right key, wrong password: 401"},
    {"restricted", "a user who may read but not send: 403 Forbidden"},
    {"send", "a message in JSON: 202, then an .eml in the outbox"},
    {"send-xml", "the same in XML"},
};

ApiKey key_of(const auth::GeneratedKey& generated, SubscriptionId subscription, Status status,
              std::int64_t now_us, const char* note) {
  ApiKey key;
  key.id = generated.id;
  key.subscription = subscription;
  key.status = status;
  key.digest = generated.digest;
  key.hint = generated.hint;
  key.note = note;
  key.created_us = now_us;
  return key;
}

std::string escaped_for_curl(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

// One curl configuration file.
class CurlFile {
 public:
  CurlFile(const std::string& url, const std::string& ca) {
    text_ = "silent\nshow-error\ninclude\n";
    set("url", url);
    set("cacert", ca);
  }
  CurlFile& set(std::string_view name, std::string_view value) {
    text_ += fmt::format("{} = \"{}\"\n", name, escaped_for_curl(value));
    return *this;
  }
  CurlFile& header(std::string_view name, std::string_view value) {
    return set("header", fmt::format("{}: {}", name, value));
  }
  CurlFile& user(std::string_view name, std::string_view password) {
    return set("user", fmt::format("{}:{}", name, password));
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

using Texts = std::map<std::string, std::string>;

Result<Texts> load_demo_secrets(const std::string& directory) {
  const auto key = load_secret_key(directory, kStoreKey);
  if (!key) return std::unexpected(key.error());
  const std::string path = fmt::format("{}/{}", directory, kSealedFile);
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file) return fail(ErrorKind::Unavailable, fmt::format("{}: cannot be read", path));
  const auto opened = open_sealed(*key, content.str(), kSealContext);
  if (!opened) {
    return fail(ErrorKind::Invalid, fmt::format("{}: not sealed with this store key", path));
  }
  Texts texts;
  std::istringstream lines{std::string(opened->reveal())};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t blank = line.find(' ');
    texts[line.substr(0, blank)] = line.substr(blank + 1);
  }
  return texts;
}

Texts curl_files(const std::string& url, const std::string& ca, const Texts& demo) {
  const std::string& key = demo.at("api_key");
  const std::string& name = demo.at("username");
  const std::string& password = demo.at("password");
  const auto get = [&](std::string_view with_key, std::string_view with_password) {
    return CurlFile(url + "/", ca).header("x-api-key", with_key).user(name, with_password).text();
  };
  const auto send = [&](std::string_view kind, std::string_view user,
                        std::string_view with_password, std::string_view body) {
    const std::string media = fmt::format("application/vnd.whispir.message-v1+{}", kind);
    return CurlFile(url + "/messages", ca)
        .header("x-api-key", key)
        .header("Content-Type", media)
        .header("Accept", media)
        .user(user, with_password)
        .set("data", body)
        .text();
  };
  constexpr std::string_view kJson =
      R"({"to":"ann@example.com","subject":"Hello","body":"This is the body"})";
  constexpr std::string_view kXml =
      "<ns2:message xmlns:ns2=\"http://schemas.api.whispir.com\"><to>ann@example.com</to>"
      "<subject>Hello</subject><body>This is the body</body></ns2:message>";
  Texts files;
  files["ok"] = get(key, password);
  files["wrong-key"] = get("a-key-that-nobody-has", password);
  files["inactive-key"] = get(demo.at("inactive_api_key"), password);
  files["wrong-password"] = get(key, "not the password");
  files["restricted"] =
      send("json", demo.at("restricted_username"), demo.at("restricted_password"), kJson);
  files["send"] = send("json", name, password, kJson);
  files["send-xml"] = send("xml", name, password, kXml);
  return files;
}

std::string absolute(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::weakly_canonical(path, ignored).string();
}

}  // namespace

Demo make_demo(const std::string& api, const Clock& clock, Random& random) {
  const std::int64_t now_us = clock.unix_us();
  Demo demo;
  auto& put = demo.change.put;
  Account account{make_id<AccountId>(random), "Demo", Status::Active, "UTC", now_us, true};

  Workspace workspace;
  workspace.id = make_id<WorkspaceId>(random);
  workspace.account = account.id;
  workspace.project_name = "My Company";
  workspace.is_default = true;
  workspace.created_us = now_us;

  Plan plan;
  plan.id = make_id<PlanId>(random);
  plan.name = "Demo plan";
  plan.limits.rate_per_second = 100'000;
  plan.limits.quota = 1'000'000'000;
  plan.opens.push_back({Match{api, "*", {}, ""}, {}});
  plan.created_us = now_us;

  Application application;
  application.id = make_id<ApplicationId>(random);
  application.account = account.id;
  application.name = "Demo application";
  application.created_us = now_us;
  application.created_by = "init";

  Subscription subscription;
  subscription.id = make_id<SubscriptionId>(random);
  subscription.application = application.id;
  subscription.plan = plan.id;
  subscription.accepted_by = subscription.approved_by = "init";
  subscription.accepted_us = subscription.created_us = now_us;

  auth::GeneratedKey key = auth::generate_key(Environment::Live, random);
  auth::GeneratedKey inactive = auth::generate_key(Environment::Live, random);

  Role sender{make_id<RoleId>(random), account.id, "sender", {}, now_us};
  sender.permissions.push_back({Match{api, "*", {}, ""}, true});
  Role reader{make_id<RoleId>(random), account.id, "reader", {}, now_us};
  for (const char* operation : kReaderOperations) {
    reader.permissions.push_back({Match{api, operation, {}, ""}, true});
  }

  auth::GeneratedPassword password = auth::generate_password(random);
  auth::GeneratedPassword restricted = auth::generate_password(random);
  const auto make_user = [&](const char* first, const char* last, std::string name,
                             const std::string& verifier, RoleId role) {
    User user;
    user.id = make_id<UserId>(random);
    user.account = account.id;
    user.username = std::move(name);
    user.first_name = first;
    user.last_name = last;
    user.verifier = verifier;
    user.roles.push_back({role, {}});
    user.created_us = now_us;
    return user;
  };
  const User john = make_user("John", "Smith", "john.smith", password.verifier, sender.id);
  const User rita = make_user("Rita", "Reader", "rita.reader", restricted.verifier, reader.id);

  demo.secrets = {std::move(key.text), std::move(inactive.text),
                  john.username,       std::move(password.text),
                  rita.username,       std::move(restricted.text)};
  put.emplace_back(account);
  put.emplace_back(workspace);
  put.emplace_back(plan);
  put.emplace_back(application);
  put.emplace_back(subscription);
  put.emplace_back(key_of(key, subscription.id, Status::Active, now_us, "demo"));
  put.emplace_back(key_of(inactive, subscription.id, Status::Disabled, now_us, "demo, disabled"));
  put.emplace_back(sender);
  put.emplace_back(reader);
  put.emplace_back(john);
  put.emplace_back(rita);
  demo.change.audit = {now_us, "init", "init.demo", "account " + account.id.hex(), "{}"};
  return demo;
}

Result<void> save_demo_secrets(const std::string& directory, const DemoSecrets& secrets,
                               Random& random) {
  const auto key = load_secret_key(directory, kStoreKey);
  if (!key) return std::unexpected(key.error());
  std::string plain = fmt::format(
      "api_key {}\ninactive_api_key {}\nusername {}\npassword {}\nrestricted_username {}\n"
      "restricted_password {}\n",
      secrets.api_key.reveal(), secrets.inactive_api_key.reveal(), secrets.username,
      secrets.password.reveal(), secrets.restricted_username, secrets.restricted_password.reveal());
  auto written = write_whole_file(fmt::format("{}/{}", directory, kSealedFile),
                                  seal(*key, plain, kSealContext, random));
  wipe(plain);
  return written;
}

bool has_demo(const std::string& directory) {
  struct stat found{};
  return ::stat(fmt::format("{}/{}", directory, kSealedFile).c_str(), &found) == 0;
}

Result<void> write_demo_files(const std::string& directory, const std::string& url,
                              const std::string& metrics_url, const std::string& outbox,
                              const std::string& access_log) {
  const auto demo = load_demo_secrets(directory);
  if (!demo) return std::unexpected(demo.error());
  const std::string base = absolute(directory);
  const std::string ca = base + "/tls/ca.pem";
  const std::string folder = base + "/demo";
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail(ErrorKind::Unavailable, fmt::format("{}: {}", folder, std::strerror(errno)));
  }
  for (const auto& [name, text] : curl_files(url, ca, *demo)) {
    auto written = write_whole_file(fmt::format("{}/{}.curl", folder, name), text);
    if (!written) return written;
  }
  JsonObject json;
  json.text("url", url).text("ca", ca);
  for (const char* name : {"api_key", "inactive_api_key", "username", "password",
                           "restricted_username", "restricted_password"}) {
    json.text(name, demo->at(name));
  }
  json.text("admin_socket", base + "/admin.sock")
      .text("metrics_url", metrics_url)
      .text("outbox", absolute(outbox))
      .text("access_log", absolute(access_log));
  return write_whole_file(base + "/demo.json", json.str() + "\n");
}

std::vector<std::string> demo_lines(const std::string& directory) {
  std::vector<std::string> lines;
  for (const Line& line : kLines) {
    const std::string command = fmt::format("curl -K {}/demo/{}.curl", directory, line.file);
    lines.push_back(fmt::format("  {:<44} # {}", command, line.what));
  }
  return lines;
}

}  // namespace sallyport::admin
