// One command while it is carried out: its options read by type, its first refusal kept, its change
// committed. Made by Commands for each request; control thread only. Reading goes on after a
// refusal with empty values; a verb asks failed() before it changes anything.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "admin/command.h"
#include "admin/entity_text.h"
#include "admin/model.h"
#include "auth/entity_store.h"

namespace sallyport::admin {

class Run {
 public:
  using Commit = std::function<Result<void>(Change)>;

  Run(const CommandRequest& request, const Model& model, const CommandServices& services,
      auth::EntityStore& store, Commit commit)
      : request_(request), model_(model), services_(services), store_(store),
        commit_(std::move(commit)) {}

  const Model& model() const { return model_; }
  const CommandServices& services() const { return services_; }
  auth::EntityStore& store() { return store_; }
  const std::string& actor() const { return request_.actor; }
  std::int64_t now_us() const { return services_.clock->unix_us(); }
  Random& random() const { return *services_.random; }

  // What the command names, and its options.
  std::string subject() const { return request_.words.size() > 2 ? request_.words[2] : ""; }
  bool has(std::string_view option) const { return !all(option).empty(); }
  std::string one(std::string_view option) const;  // the last one given; empty when none is
  std::vector<std::string> all(std::string_view option) const;
  std::optional<std::string> secret(std::string_view name) const;

  void refuse(std::string message) { note({ErrorKind::Invalid, std::move(message)}, kRefused); }
  void bad_usage(std::string message) { note({ErrorKind::Invalid, std::move(message)}, kBadUsage); }
  template <class T>
  T take(Result<T> result) {
    if (result) {
      if constexpr (std::is_void_v<T>) {
        return;
      } else {
        return std::move(*result);
      }
    }
    note(result.error(), kRefused);
    if constexpr (!std::is_void_v<T>) return T{};
  }
  bool failed() const { return error_.has_value(); }
  CommandReply refusal() const;

  // By their options; an option that is not given leaves the value alone.
  std::string new_name(std::string_view what, std::string name);  // the rules for names
  void read_limits(Limits& limits, std::string_view none);  // --rate --burst --quota --quota-period
  Match match(const std::string& text);  // "API:OPERATION" or "API METHODS PATTERN"
  std::vector<Network> networks(std::string_view option);
  std::int64_t time(std::string_view option);  // RFC 3339 or a date; 0 when not given
  AccountId account_option();                  // --account, none when not given

  // Commits: in the store, then in force, then in the model. Empty, or what went wrong.
  std::optional<CommandReply> commit(Change change);

 private:
  void note(Error error, int exit_code);

  const CommandRequest& request_;
  const Model& model_;
  const CommandServices& services_;
  auth::EntityStore& store_;
  Commit commit_;
  std::optional<Error> error_;
  int exit_code_ = kDone;
};

// A change that puts `entity` (and `more`), with its event and audit row.
template <class T>
Change change_of(const Run& run, const T& entity, std::string_view event, AccountId account,
                 std::vector<Entity> more = {}) {
  const std::string subject = fmt::format("{} {}", kind_of(entity), entity.id.hex());
  const std::string json = to_json(describe(entity, run.model()));
  Change change;
  change.put.push_back(entity);
  for (Entity& one : more) change.put.push_back(std::move(one));
  change.events.push_back({std::string(event), subject, account, json, run.now_us()});
  change.audit.subject = subject;
  change.audit.json = json;
  return change;
}

// "account 0123456789ABCDEF created", and the entity as JSON.
template <class T>
CommandReply reply_of(const Run& run, const T& entity, std::string_view event) {
  const std::string_view done = event.substr(event.find('.') + 1);
  return {kDone, fmt::format("{} {} {}\n", kind_of(entity), entity.id.hex(), done),
          to_json(describe(entity, run.model())), ""};
}

template <class T>
CommandReply save(Run& run, const T& entity, std::string_view event, AccountId account,
                  std::vector<Entity> more = {}) {
  if (run.failed()) return run.refusal();
  if (auto failed = run.commit(change_of(run, entity, event, account, std::move(more)))) {
    return *failed;
  }
  return reply_of(run, entity, event);
}

// Sets the status if it is one of `from`; otherwise says why not.
template <class T>
CommandReply set_status(Run& run, T entity, std::initializer_list<Status> from, Status to,
                        std::string_view event, AccountId account) {
  if (run.failed()) return run.refusal();
  bool allowed = false;
  std::string words;
  for (const Status status : from) {
    allowed = allowed || status == entity.status;
    words += fmt::format("{}{}", words.empty() ? "" : " or ", to_string(status));
  }
  if (!allowed) {
    const std::string_view now = to_string(entity.status);
    const bool is_final = entity.status == Status::Revoked || entity.status == Status::Ended ||
                          entity.status == Status::Deleted;
    run.refuse(entity.status == to
                   ? fmt::format("{} {} is {} already", kind_of(entity), label_of(entity), now)
               : is_final
                   ? fmt::format("{} {} is {}, and that is final", kind_of(entity),
                                 label_of(entity), now)
                   : fmt::format("{} {} is {}; only one that is {} can become {}", kind_of(entity),
                                 label_of(entity), now, words, to_string(to)));
    return run.refusal();
  }
  entity.status = to;
  return save(run, entity, event, account);
}

template <class T>
CommandReply show(const Run& run, const T& entity) {
  if (run.failed()) return run.refusal();
  const Fields fields = describe(entity, run.model());
  return {kDone, to_lines(fields), to_json(fields), ""};
}

template <class T>
CommandReply list(const Run& run, const std::vector<const T*>& entities) {
  if (run.failed()) return run.refusal();
  std::vector<Fields> rows;
  for (const T* entity : entities) rows.push_back(describe(*entity, run.model()));
  return {kDone, to_table(rows), to_json_array(rows), ""};
}

}  // namespace sallyport::admin
