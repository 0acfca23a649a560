#include "admin/session.h"

#include <utility>

#include "admin/socket.h"

namespace sallyport::admin {

CommandReply Session::execute(const CommandRequest& request) {
  if (in_process_) return in_process_->execute(request);
  auto sent = send_command(directory_, request);
  if (sent) {
    answered_ = true;
    return std::move(*sent);
  }
  if (sent.error().kind != ErrorKind::NotFound) return {kRefused, "", "", sent.error().message};
  if (answered_) return {kRefused, "", "", "the server has gone"};
  auto opened = InProcess::open(directory_, open_store_);
  if (!opened) return {kRefused, "", "", opened.error().message};
  in_process_ = std::move(*opened);
  return in_process_->execute(request);
}

}  // namespace sallyport::admin
