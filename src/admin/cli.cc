#include "admin/cli.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <list>
#include <map>
#include <sstream>

#include <CLI/CLI.hpp>

#include "admin/check_command.h"
#include "admin/check_log.h"
#include "admin/document_text.h"
#include "admin/row_files.h"
#include "admin/session.h"
#include "admin/terminal.h"
#include "admin/verbs.h"
#include "admin/version.h"
#include "config/keys.h"

namespace sallyport::admin {
namespace {

constexpr const char* kDataVariable = "SALLYPORT_DATA";
constexpr std::size_t kNear = 3;  // edits between a mistyped verb and the one meant

std::string subject_help(std::string_view subject) {
  if (subject == "NAME") return "Its name.";
  if (subject == "FILE") return "The file; \"-\" is standard input.";
  if (subject == "EMAIL") return "The email address.";
  if (subject == "KEY-ID") return "The key's id, never the key itself.";
  if (subject == "SUBSCRIPTION") return "Its id, or the application's name.";
  if (subject == "GRANT") return "Its id.";
  return "Its id or name.";
}

// What the parser fills in for one action.
struct Given {
  const ActionInfo* action = nullptr;
  CLI::App* app = nullptr;
  std::string subject;
  std::map<std::string, std::string> single;
  std::map<std::string, std::vector<std::string>> repeated;
  std::map<std::string, bool> flags;
};

class CommandLine {
 public:
  CommandLine(const Composition& composition, Console& console)
      : composition_(composition), console_(console) {
    app_.require_subcommand(1);
    app_.failure_message(CLI::FailureMessage::simple);
    app_.get_formatter()->column_width(34);
    add_local_verbs();
    for (const VerbInfo& verb : entity_verbs()) add_entity_verb(verb);
    std::string reserved;
    for (const std::string_view verb : reserved_verbs()) {
      reserved += fmt::format("{}{}", reserved.empty() ? "" : ", ", verb);
    }
    app_.footer("Not built yet: " + reserved +
                ".\n"
                "`sallyport VERB --help` says more about a verb, `sallyport VERB ACTION --help` "
                "about what it does.\n"
                "Exit codes: 0 done, 1 refused or failed, 2 bad usage.");
  }

  int run(std::vector<std::string> arguments) {
    if (!arguments.empty()) {
      if (const auto code = unusual_verb(arguments.front())) return *code;
    }
    std::ranges::reverse(arguments);  // as CLI11 wants them
    try {
      app_.parse(arguments);
    } catch (const CLI::Success& help) {
      return app_.exit(help, console_.out, console_.err);
    } catch (const CLI::ParseError& error) {
      return bad_usage(error.what());
    }
    return dispatch();
  }

 private:
  std::optional<int> unusual_verb(const std::string& verb) {
    if (std::ranges::find(reserved_verbs(), verb) != reserved_verbs().end()) {
      console_.err << fmt::format("sallyport {}: not built yet\n", verb);
      return kRefused;
    }
    std::vector<std::string> known;
    for (const CLI::App* one : app_.get_subcommands([](const CLI::App*) { return true; })) {
      known.push_back(one->get_name());
    }
    if (verb.starts_with('-') || std::ranges::find(known, verb) != known.end()) {
      return std::nullopt;
    }
    const auto distance = [&](const std::string& one) { return config::edit_distance(verb, one); };
    const std::string& nearest = *std::ranges::min_element(known, {}, distance);
    const bool near = distance(nearest) <= kNear;
    console_.err << fmt::format(
        "sallyport: there is no verb \"{}\"{}; `sallyport --help` lists "
        "them\n",
        verb, near ? fmt::format(", perhaps \"{}\"", nearest) : "");
    return kBadUsage;
  }

  void add_data(CLI::App* app) {
    app->add_option("--data", directory_,
                    fmt::format("The data directory. Default: ${}.", kDataVariable))
        ->option_text("DIR")
        ->envname(kDataVariable);
  }

  static void add_port(CLI::App* app, const char* name, std::optional<std::uint16_t>& port,
                       const char* help) {
    app->add_option(name, port, help)->option_text("NUMBER")->check(CLI::Range(0, 65'535));
  }

  void add_local_verbs() {
    serve_ = app_.add_subcommand("serve", "Serves a data directory until SIGTERM.");
    add_data(serve_);
    add_port(serve_, "--port", flags_.port, "Port of the first TLS listener; 0: any free one.");
    add_port(serve_, "--plain-port", flags_.plain_port,
             "Port on which plain HTTP is told that TLS is required.");
    add_port(serve_, "--metrics-port", flags_.metrics_port, "Port of the telemetry listener.");

    check_ = app_.add_subcommand("check", "Says everything that is wrong with a configuration.");
    check_->add_option("-c,--config", file_, "The configuration file.")
        ->option_text("FILE")
        ->required();

    init_ = app_.add_subcommand("init", "Makes a data directory.");
    add_data(init_);
    init_->add_flag("--demo", demo_,
                    "With a certificate for localhost, sample keys and users, to be tried at "
                    "once.");
    backup_ = app_.add_subcommand("backup", "Copies the store into a file; a server may run.");
    add_file(backup_,
             "The new file. It will hold digests and verifiers, and is made with mode 0600.");
    restore_ = app_.add_subcommand(
        "restore", "Puts a backup in the store's place; what was revoked since stays revoked.");
    add_file(restore_, "The backup.");
    version_ = app_.add_subcommand("version", "Says which version this is.");
  }

  void add_file(CLI::App* app, const char* help) {
    app->add_option("FILE", file_, help)->option_text(" ")->required();
    app->add_flag("--json", json_, "Answers in JSON.");
    add_data(app);
  }

  void add_entity_verb(const VerbInfo& info) {
    CLI::App* verb = app_.add_subcommand(std::string(info.name), std::string(info.help));
    for (const ActionInfo& action : actions()) {
      if (action.verb != info.name) continue;
      if (action.action.empty()) {
        add_action(verb, action);
      } else {
        verb->require_subcommand(1);
        add_action(verb->add_subcommand(std::string(action.action), std::string(action.help)),
                   action);
      }
    }
  }

  void add_action(CLI::App* app, const ActionInfo& action) {
    Given& given = givens_.emplace_back();
    given.action = &action;
    given.app = app;
    if (!action.subject.empty()) {
      app->add_option(std::string(action.subject), given.subject, subject_help(action.subject))
          ->option_text(" ")
          ->required(!action.subject_optional);
    }
    for (const OptionInfo& option : action.options) {
      const std::string name(option.name);
      const std::string dashed = "--" + name;
      const std::string help(option.help);
      if (option.value.empty()) {
        app->add_flag(dashed, given.flags[name], help);
        continue;
      }
      CLI::Option* added =
          option.repeats
              ? app->add_option(dashed, given.repeated[name], help)->allow_extra_args(false)
              : app->add_option(dashed, given.single[name], help);
      added->option_text(fmt::format("{}{}", option.value, option.required ? " (required)" : ""))
          ->required(option.required);
    }
    app->add_flag("--json", json_, "Answers in JSON.");
    add_data(app);
  }

  int bad_usage(std::string message) {
    // CLI11's words for "nothing was chosen".
    if (message == "A subcommand is required") {
      const auto chosen = app_.get_subcommands();
      message = chosen.empty() ? "which verb? `sallyport --help` lists them"
                               : fmt::format("which action? `sallyport {} --help` lists them",
                                             chosen.front()->get_name());
    }
    console_.err << "sallyport: " << message << "\n";
    return kBadUsage;
  }

  int dispatch() {
    if (version_->parsed()) {
      console_.out << fmt::format("sallyport {}\n", kVersion);
      return kDone;
    }
    if (check_->parsed()) return run_check();
    if (directory_.empty()) {
      return bad_usage(
          fmt::format("the data directory is missing: give --data DIR or set {}", kDataVariable));
    }
    if (serve_->parsed()) {
      flags_.data_directory = directory_;
      return composition_.serve(flags_);
    }
    if (init_->parsed()) return run_init();
    if (backup_->parsed()) return print(backup(directory_, file_, composition_.store_files));
    if (restore_->parsed()) return print(restore(directory_, file_, composition_.store_files));
    const auto given =
        std::ranges::find_if(givens_, [](const Given& one) { return one.app->parsed(); });
    return run_action(*given);
  }

  int run_check() {
    const CommandReply reply = check(file_, SystemClock());
    if (!reply.error.empty()) console_.err << reply.error << "\n";
    console_.out << reply.text;
    return reply.exit_code;
  }

  int run_init() {
    const SystemClock clock;
    SystemRandom random;
    const auto made = init({directory_, demo_}, composition_.create_store, clock, random);
    if (!made) return fail_with(made.error().message);
    console_.out << fmt::format("{} is made\n", directory_);
    console_.out << (demo_ ? fmt::format("next: sallyport serve --data {}\n", directory_)
                           : fmt::format("next: name the certificate in {0}/sallyport.toml, make "
                                         "an account (sallyport account create NAME --data {0}),\n"
                                         "then: sallyport serve --data {0}\n",
                                         directory_));
    return kDone;
  }

  int run_action(const Given& given) {
    CommandRequest request;
    request.words = {std::string(given.action->verb), std::string(given.action->action)};
    if (!given.subject.empty()) request.words.push_back(given.subject);
    for (const auto& [name, value] : given.single) {
      if (given.app->count("--" + name) > 0) request.options[name] = {value};
    }
    for (const auto& [name, values] : given.repeated) {
      if (!values.empty()) request.options[name] = values;
    }
    for (const auto& [name, value] : given.flags) {
      if (value) request.options[name] = {""};
    }
    if (const auto read = read_secrets(*given.action, request); !read) {
      return fail_with(read.error().message);
    }
    Session session(directory_, composition_.open_store);
    if (reads_rows(*given.action, request)) {
      return send_row_file(*given.action, std::move(request), directory_, console_.in,
                           {console_.out, console_.err, console_.terminal, json_, 0},
                           [&](const CommandRequest& piece) { return session.execute(piece); });
    }
    CommandReply reply = session.execute(request);
    for (auto& [name, secret] : request.secrets) wipe(secret);
    const bool checks_log = given.action->verb == "audit" && given.action->action == "limits";
    if (checks_log && reply.exit_code == kDone) reply = check_log(given.subject, reply.text);
    if (json_ && given.action->verb == "export" && reply.exit_code == kDone) {
      reply.json = document_json(reply.text);
    }
    return print(reply);
  }

  Result<void> read_secrets(const ActionInfo& action, CommandRequest& request) {
    const bool password =
        action.secret == SecretInput::NewPassword && !request.options.contains("generate");
    const bool key = action.secret == SecretInput::Key && request.options.contains("key-stdin");
    if (action.secret == SecretInput::Document) return read_document(request);
    if (!password && !key) return {};
    const char* name = password ? "password" : "key";
    auto secret = console_.read_secret(name, password);
    if (!secret) return std::unexpected(secret.error());
    request.secrets[name] = std::move(*secret);
    return {};
  }

  static Result<void> read_document(CommandRequest& request) {
    const std::string& file = request.words.back();
    std::ifstream opened;
    if (file != "-") {
      if (auto done = open_content(file, opened); !done) return done;
    }
    std::istream& content = file == "-" ? std::cin : opened;
    std::ostringstream text;
    text << content.rdbuf();
    if (!content) return fail(ErrorKind::NotFound, fmt::format("{} cannot be read", file));
    request.secrets["document"] = std::move(text).str();
    return {};
  }

  int print(const CommandReply& reply) {
    if (json_ && !reply.json.empty()) {
      console_.out << reply.json << "\n";
    } else {
      console_.out << reply.text;
    }
    if (!reply.error.empty()) console_.err << "sallyport: " << reply.error << "\n";
    console_.out.flush();
    return console_.out ? reply.exit_code : kRefused;
  }

  int fail_with(const std::string& message) {
    console_.err << "sallyport: " << message << "\n";
    return kRefused;
  }

  const Composition& composition_;
  Console& console_;
  CLI::App app_{"Two doors in front of an HTTP API, and a messaging engine behind them.",
                "sallyport"};
  CLI::App* serve_ = nullptr;
  CLI::App* check_ = nullptr;
  CLI::App* init_ = nullptr;
  CLI::App* backup_ = nullptr;
  CLI::App* restore_ = nullptr;
  CLI::App* version_ = nullptr;
  std::string directory_;
  std::string file_;
  bool demo_ = false;
  bool json_ = false;
  ServeFlags flags_;
  std::list<Given> givens_;  // the parser keeps pointers into it
};

}  // namespace

int run_cli(const std::vector<std::string>& arguments, const Composition& composition,
            Console console) {
  try {
    return CommandLine(composition, console).run(arguments);
  } catch (const std::exception& error) {
    console.err << "sallyport: " << error.what() << "\n";
    return kRefused;
  }
}

int run_cli(int argc, char** argv, const Composition& composition) {
  forbid_core_dumps();
  return run_cli(std::vector<std::string>(argv + 1, argv + argc), composition,
                 {std::cout, std::cerr, read_secret, std::cin, ::isatty(STDERR_FILENO) == 1});
}

}  // namespace sallyport::admin
