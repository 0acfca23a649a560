// The command line: verbs, options and their help from the table in verbs.h, and what each leads
// to. An entity verb goes to DIR/admin.sock when a server answers there, else it runs in process
// under the store's lock. One thread. Exit codes: 0 done, 1 refused or failed, 2 bad usage.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "admin/in_process.h"
#include "admin/init.h"
#include "admin/store_commands.h"

namespace sallyport::admin {

struct ServeFlags {
  std::string data_directory;
  std::optional<std::uint16_t> port;
  std::optional<std::uint16_t> plain_port;
  std::optional<std::uint16_t> metrics_port;
};

// What main brings from the folders that admin may not know.
struct Composition {
  std::function<int(const ServeFlags&)> serve;
  OpenStore open_store;
  CreateStore create_store;
  StoreFiles store_files;
};

struct Console {
  std::ostream& out;
  std::ostream& err;
  std::function<Result<std::string>(const std::string& what, bool twice)> read_secret;
  std::istream& in;
  bool terminal = false;  // `err` is one
};

int run_cli(const std::vector<std::string>& arguments, const Composition& composition,
            Console console);
int run_cli(int argc, char** argv, const Composition& composition);

}  // namespace sallyport::admin
