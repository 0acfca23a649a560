// The admin socket's protocol: one request and one reply, each a line of JSON. Pure functions, any
// thread; what is not a well-formed request or reply is an Error.
#pragma once

#include <string>
#include <string_view>

#include "admin/command.h"

namespace sallyport::admin {

inline constexpr std::size_t kMaxRequestBytes = 256ULL * 1024 * 1024;  // a document to apply
inline constexpr std::size_t kMaxReplyBytes = 1024ULL * 1024 * 1024;   // a listing of all keys

// Without the actor, which the server takes from the peer; with a newline at the end.
std::string request_line(const CommandRequest& request);
Result<CommandRequest> parse_request(std::string_view line);

std::string reply_line(const CommandReply& reply);
Result<CommandReply> parse_reply(std::string_view line);

}  // namespace sallyport::admin
