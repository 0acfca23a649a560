// One use of the command line: its commands go to the server that answers at DIR/admin.sock, or
// are carried out in this process, under the store's lock, for as long as the session lives. Which
// of the two is decided once, so that a long import never has two writers. One thread.
#pragma once

#include <memory>
#include <string>

#include "admin/in_process.h"

namespace sallyport::admin {

class Session {
 public:
  Session(std::string directory, const OpenStore& open_store)
      : directory_(std::move(directory)), open_store_(open_store) {}
  CommandReply execute(const CommandRequest& request);

 private:
  const std::string directory_;
  const OpenStore& open_store_;
  bool answered_ = false;  // by a server
  std::unique_ptr<InProcess> in_process_;
};

}  // namespace sallyport::admin
