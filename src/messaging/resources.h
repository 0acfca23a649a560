// What the engine does for each resource, apart from waiting. On the worker that answers the call.
// An Error means that the store could not be read; what the client did wrong is an answer.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "messaging/call.h"
#include "messaging/loop_wait.h"
#include "messaging/message_input.h"
#include "messaging/message_store.h"
#include "messaging/workspace_directory.h"

namespace sallyport::messaging {

// root_resource.cc, workspace_resource.cc
http::Response show_root(const Call& call);
http::Response list_workspaces(const Call& call, const WorkspaceDirectory& directory);
http::Response show_workspace(const Call& call, const WorkspaceDirectory& directory,
                              WorkspaceId id);

// message_post.cc: the steps of POST /messages around its two waits.
// Everything that can be refused without the body.
std::optional<http::Response> check_posting(const Call& call);
std::expected<AcceptedMessage, http::Response> read_posted(const Call& call,
                                                           const std::string& body);
Message posted_message(const Call& call, WorkspaceId workspace, AcceptedMessage accepted,
                       const Clock& clock, Random& random);
Idempotency idempotency_of(const Call& call, const std::string& body, const Clock& clock);
http::Response posted_answer(const Call& call, const InsertOutcome& outcome);

// message_resource.cc
Result<http::Response> list_messages(const Call& call, MessageStore& store, const Clock& clock,
                                     WorkspaceId workspace);
Result<http::Response> show_message(const Call& call, MessageStore& store, WorkspaceId workspace);

// status_resource.cc
Result<http::Response> show_status(const Call& call, MessageStore& store, WorkspaceId workspace);

}  // namespace sallyport::messaging
