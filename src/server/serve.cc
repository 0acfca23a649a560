#include "server/serve.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdio>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "admin/commands.h"
#include "admin/demo.h"
#include "admin/secrets_directory.h"
#include "admin/services.h"
#include "admin/socket.h"
#include "base/log.h"
#include "server/server.h"
#include "server/upkeep.h"

namespace sallyport::server {
namespace {

// A core would hold keys and passwords; more descriptors than the shell's default are needed.
void prepare_process() {
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  ::prctl(PR_SET_DUMPABLE, 0);
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  ::signal(SIGPIPE, SIG_IGN);
}

// Blocked in every thread, so that the control thread takes them with sigwait.
sigset_t block_signals() {
  sigset_t taken;
  sigemptyset(&taken);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&taken, signal);
  ::pthread_sigmask(SIG_BLOCK, &taken, nullptr);
  return taken;
}

int refuse(const Error& error) {
  std::fprintf(stderr, "sallyport: %s\n", error.message.c_str());
  return 1;
}

void print_welcome(const ServeOptions& options, const Server& server) {
  std::printf("Sallyport serves %s\n", server.url().c_str());
  if (!server.metrics_url().empty()) std::printf("metrics  %s\n", server.metrics_url().c_str());
  if (admin::has_demo(options.data_directory)) {
    std::printf("try, in another terminal:\n");
    for (const std::string& line : admin::demo_lines(options.data_directory)) {
      std::printf("%s\n", line.c_str());
    }
  }
  std::fflush(stdout);
}

// Commands on the socket and reloads by signal, one after the other: whoever holds `turn` is the
// control thread, which changes the tables.
struct Administration {
  explicit Administration(Server& served) : server(served) {}
  Administration(const Administration&) = delete;
  Administration& operator=(const Administration&) = delete;
  ~Administration() {
    if (socket) socket->stop();
    server.stop();  // it uses the commands until then
  }

  Result<void> open(const std::string& directory) {
    admin::CommandServices services = admin::make_services(server.config(), clock, random);
    services.put_signing_keys = [this, directory](const auth::SigningKeys& keys) -> Result<void> {
      auto stored = admin::store_signing_keys(directory, keys);
      if (stored) server.apply(keys);
      return stored;
    };
    services.messages = &server.messages();
    services.wake_scheduler = [this] { server.wake_deliveries(); };
    services.explain = [this](const admin::ExplainRequest& request) {
      const auto router = server.router();
      return admin::explain_with(*router, server.doors(), request);
    };
    services.reload = [this] { return reload("the command line"); };
    services.unlock = [this](const admin::Unlock& unlock) { server.unlock(unlock); };
    services.look_at_quota = [this](SubscriptionId subscription, std::string_view scope,
                                    const Limits& limits) -> Result<limit::QuotaLook> {
      const auto look = server.doors().thresholds.look(subscription, scope, limits);
      if (!look) return fail(ErrorKind::NotFound, "no such quota");
      return *look;
    };
    services.usage = [this](const limit::UsageQuery& query) {
      return server.upkeep().usage(query);
    };
    services.ask_roles = [this](const admin::RoleQuestion& question) {
      const auto router = server.router();
      return admin::ask_roles_with(*router, server.doors().policy, question);
    };
    commands =
        std::make_unique<admin::Commands>(server.entities(), std::move(services), server.loaded());
    commands->on_change([this](const Change& change) { server.apply(change); });
    auto opened = admin::AdminSocket::open(
        directory,
        [this](const admin::CommandRequest& request) {
          const std::scoped_lock held(turn);
          return commands->execute(request);
        },
        [this] {
          const std::scoped_lock held(turn);
          commands->note_uses(server.take_key_uses());
        });
    if (!opened) return std::unexpected(opened.error());
    socket = std::move(*opened);
    server.administer(*commands, turn);
    return {};
  }

  void reload_by_signal() {
    const std::scoped_lock held(turn);
    (void)reload("SIGHUP");  // the log has what came of it
  }

  // Of whoever holds `turn`.
  Result<admin::ReloadReport> reload(std::string_view asked_by) {
    auto done = server.reload();
    if (!done) {
      log::error(fmt::format("reload, asked for by {}: nothing was changed: {}", asked_by,
                             done.error().message));
      return fail(done.error().kind, "nothing was changed:\n" + done.error().message);
    }
    log::info(fmt::format("reload, asked for by {}: generation {} is in force", asked_by,
                          done->generation));
    for (const std::string& one : done->takes_restart) log::warn("takes a restart: " + one);
    commands->know(std::move(done->apis), std::move(done->operations), std::move(done->routes));
    return admin::ReloadReport{done->generation, std::move(done->takes_restart)};
  }

  Server& server;
  std::mutex turn;
  const SystemClock clock;
  SystemRandom random;
  std::unique_ptr<admin::Commands> commands;
  std::unique_ptr<admin::AdminSocket> socket;
};

}  // namespace

int serve(const ServeOptions& options) {
  prepare_process();
  const sigset_t taken = block_signals();
  auto server = Server::open(options);
  if (!server) return refuse(server.error());
  if (auto started = (*server)->start(); !started) return refuse(started.error());
  Administration administration(**server);
  if (auto opened = administration.open(options.data_directory); !opened) {
    return refuse(opened.error());
  }
  (*server)->forget_loaded();
  if (admin::has_demo(options.data_directory)) {
    auto written =
        admin::write_demo_files(options.data_directory, (*server)->url(), (*server)->metrics_url(),
                                (*server)->outbox(), (*server)->access_log());
    if (!written) return refuse(written.error());
  }
  print_welcome(options, **server);
  // Each minute, and at the end, where the audit log ends is signed and told to the system.
  const timespec minute{60, 0};
  int signal = 0;
  do {
    admin::sign_audit_head((*server)->entities(), administration.clock);
    signal = sigtimedwait(&taken, nullptr, &minute);
    if (signal == SIGHUP) administration.reload_by_signal();
  } while (signal < 0 || signal == SIGHUP);
  log::info("draining");
  administration.socket->stop();
  admin::sign_audit_head((*server)->entities(), administration.clock);
  (*server)->stop();
  log::info("stopped");
  return 0;
}

}  // namespace sallyport::server
