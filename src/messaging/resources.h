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
#include "messaging/sender_directory.h"
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
// `sending`: what the account may send, nullptr when it has said nothing.
std::expected<AcceptedMessage, http::Response> read_posted(const Call& call,
                                                           const std::string& body,
                                                           const SendingRecord* sending,
                                                           const Clock& clock);
Message posted_message(const Call& call, WorkspaceId workspace, AcceptedMessage accepted,
                       const Clock& clock, Random& random);
SendGuard guard_of(const Message& message, const SendingRecord* sending);
Idempotency idempotency_of(const Call& call, const std::string& body, const Clock& clock);
// The body of a scheduled message's answer, but for its link; nullopt for one that goes at once.
std::optional<Document> schedule_echo(const Call& call, const Message& message);
http::Response posted_answer(const Call& call, const InsertOutcome& outcome,
                             std::optional<Document> echo, const Clock& clock);
// message_resource.cc: repetitionCount and its like, in `object`.
void add_repetition(Object& object, const Repetition& repetition);

// message_resource.cc
Result<http::Response> list_messages(const Call& call, MessageStore& store, const Clock& clock,
                                     WorkspaceId workspace);
Result<http::Response> show_message(const Call& call, MessageStore& store, WorkspaceId workspace);

// status_resource.cc
Result<http::Response> show_status(const Call& call, MessageStore& store, WorkspaceId workspace);

}  // namespace sallyport::messaging
