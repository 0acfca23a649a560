// How verbs end: an entity saved with its event and audit row, a status changed if the present one
// allows it, something shown or listed. Templates over the entities; control thread only.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/entity_text.h"
#include "admin/run.h"

namespace sallyport::admin {

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
  std::string done(event.substr(event.find('.') + 1));
  std::ranges::replace(done, '_', ' ');
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
    run.refuse(
        entity.status == to
            ? fmt::format("{} {} is {} already", kind_of(entity), label_of(entity), now)
        : is_final
            ? fmt::format("{} {} is {}, and that is final", kind_of(entity), label_of(entity), now)
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

// `entities` are pointers, as a Collection and a Stored select them.
template <class Entities>
CommandReply list(const Run& run, const Entities& entities) {
  if (run.failed()) return run.refusal();
  std::vector<Fields> rows;
  rows.reserve(entities.size());
  for (const auto* entity : entities) rows.push_back(describe(*entity, run.model()));
  return {kDone, to_table(rows), to_json_array(rows), ""};
}

}  // namespace sallyport::admin
