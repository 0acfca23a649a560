#include "unit/messaging/fake_store.h"

#include <algorithm>
#include <optional>

namespace sallyport::messaging::test {
namespace {

std::unexpected<Error> away() { return fail(ErrorKind::Unavailable, "the store is away"); }

bool is_open(const Recipient& one) {
  return one.state == DeliveryState::Pending || one.state == DeliveryState::Deferred;
}

}  // namespace

template <class T>
void FakeStore::finish(Done<T> done, Result<T> result) {
  if (hold) {
    held_.push_back([done = std::move(done), result = std::move(result)]() mutable {
      done(std::move(result));
    });
  } else {
    done(std::move(result));
  }
}

void FakeStore::release() {
  auto all = std::exchange(held_, {});
  for (auto& one : all) one();
}

void FakeStore::insert(Message message, Idempotency idempotency, SendGuard guard,
                       Done<InsertOutcome> done) {
  last_guard = guard;
  if (failing_writes > 0) {
    --failing_writes;
    return finish<InsertOutcome>(std::move(done), away());
  }
  if (!idempotency.key.empty()) {
    const auto key = std::pair(idempotency.scope, idempotency.key);
    const auto known = idempotency_.find(key);
    if (known != idempotency_.end()) {
      const bool same = known->second.first == idempotency.body_hash;
      return finish<InsertOutcome>(
          std::move(done),
          InsertOutcome{same ? InsertOutcome::Kind::Replayed : InsertOutcome::Kind::Conflict,
                        known->second.second});
    }
    idempotency_[key] = {idempotency.body_hash, message.id};
  }
  if (guard.guards() && guarded != InsertOutcome::Kind::Stored) {
    return finish<InsertOutcome>(std::move(done), InsertOutcome{guarded, {}});
  }
  const MessageId id = message.id;
  messages[id] = std::move(message);
  finish<InsertOutcome>(std::move(done), InsertOutcome{InsertOutcome::Kind::Stored, id});
}

void FakeStore::update(std::vector<DeliveryUpdate> changes, Done<bool> done) {
  if (failing_writes > 0) {
    --failing_writes;
    return finish<bool>(std::move(done), away());
  }
  updates.insert(updates.end(), changes.begin(), changes.end());
  if (!hold) return done(apply(changes));
  // Nobody sees a write before its commit.
  held_.push_back([this, changes = std::move(changes), done = std::move(done)]() mutable {
    done(apply(changes));
  });
}

bool FakeStore::apply(const std::vector<DeliveryUpdate>& changes) {
  bool all = true;
  for (const DeliveryUpdate& change : changes) {
    auto& recipients = messages.at(change.message).recipients;
    const auto one = std::ranges::find(recipients, change.recipient, &Recipient::index);
    const bool may =
        one != recipients.end() && !is_final(one->state) &&
        (change.state != DeliveryState::Attempting || one->state != DeliveryState::Attempting);
    if (!may) {
      all = false;
      continue;
    }
    one->state = change.state;
    one->attempts = change.attempts;
    one->next_attempt_us = change.next_attempt_us;
    const bool keeps = change.state == DeliveryState::Attempting ||
                       (change.state == DeliveryState::Deferred && change.text.empty());
    if (!keeps) {
      one->last_code = change.code;
      one->last_text = change.text;
    }
    if (change.state == DeliveryState::Sent) one->sent_us = change.time_us;
    if (change.state == DeliveryState::Failed) one->failed_us = change.time_us;
  }
  return all;
}

Result<std::optional<Message>> FakeStore::find(AccountId account, WorkspaceId workspace,
                                               MessageId id, bool with_content) {
  if (reads_fail) return away();
  const auto found = messages.find(id);
  if (found == messages.end() || found->second.account != account ||
      found->second.workspace != workspace) {
    return std::nullopt;
  }
  Message message = found->second;
  if (!with_content) {
    message.content.body.clear();
    message.content.email.reset();
  }
  return message;
}

Result<std::vector<Message>> FakeStore::list(const ListQuery& query) {
  if (reads_fail) return away();
  last_list = query;
  std::vector<Message> found;
  for (const auto& [id, message] : messages) {
    if (message.account == query.account && message.workspace == query.workspace &&
        (!query.user || message.user == query.user) && message.created_us >= query.from_us &&
        message.created_us <= query.to_us &&
        (!query.label || message.content.label == *query.label)) {
      found.push_back(message);
    }
  }
  std::ranges::reverse(found);  // ids grow with time
  const auto offset = std::min(found.size(), static_cast<std::size_t>(query.offset));
  found.erase(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(offset));
  if (found.size() > static_cast<std::size_t>(query.limit)) {
    found.resize(static_cast<std::size_t>(query.limit));
  }
  return found;
}

Result<std::vector<Due>> FakeStore::due(std::int64_t now_us, std::int64_t limit,
                                        const DueFilter& wanted) {
  if (reads_fail) return away();
  largest_limit = std::max(largest_limit, limit);
  std::vector<std::pair<std::int64_t, Due>> found;
  for (const auto& [id, message] : messages) {
    if (!message.account_active) continue;
    for (const Recipient& one : message.recipients) {
      if (is_open(one) && one.next_attempt_us <= now_us) {
        const std::string& to = one.destination;
        found.push_back(
            {one.next_attempt_us, {id, one.index, one.channel, to.substr(to.rfind('@') + 1)}});
      }
    }
  }
  std::ranges::stable_sort(found, {}, [](const auto& one) { return one.first; });
  std::vector<Due> due;
  for (const auto& [time, one] : found) {
    if (std::ssize(due) < limit && (!wanted || wanted(one))) due.push_back(one);
  }
  return due;
}

Result<std::optional<std::int64_t>> FakeStore::next_due_us() {
  if (reads_fail) return away();
  std::optional<std::int64_t> least;
  for (const auto& [id, message] : messages) {
    for (const Recipient& one : message.recipients) {
      if (is_open(one) && (!least || one.next_attempt_us < *least)) least = one.next_attempt_us;
    }
  }
  return least;
}

Result<std::optional<Message>> FakeStore::load(MessageId id) {
  if (reads_fail) return away();
  const auto found = messages.find(id);
  if (found == messages.end()) return std::nullopt;
  return found->second;
}

Result<std::int64_t> FakeStore::recover_attempts(std::int64_t now_us, InDoubtPolicies policies) {
  if (reads_fail) return away();
  std::int64_t count = 0;
  for (auto& [id, message] : messages) {
    for (Recipient& one : message.recipients) {
      if (one.state != DeliveryState::Attempting) continue;
      const bool again = tries_again(policies.of(one.channel), message.kind);
      one.state = again ? DeliveryState::Deferred : DeliveryState::InDoubt;
      one.next_attempt_us = now_us;
      ++count;
    }
  }
  return count;
}

void FakeStore::report(DeliveryUpdate change, Done<bool> done) {
  if (failing_writes > 0) {
    --failing_writes;
    return finish<bool>(std::move(done), away());
  }
  updates.push_back(change);
  const auto found = messages.find(change.message);
  if (found == messages.end()) return finish<bool>(std::move(done), false);
  for (Recipient& one : found->second.recipients) {
    if (one.index != change.recipient) continue;
    one.state = change.state;
    one.last_code = change.code;
    one.last_text = change.text;
  }
  finish<bool>(std::move(done), true);
}

Result<std::vector<RepetitionDue>> FakeStore::repetitions(std::int64_t now_us) {
  if (reads_fail) return away();
  std::vector<RepetitionDue> due;
  for (const auto& [id, one] : repeating) {
    if (one.next_us != 0 && one.next_us <= now_us) due.push_back(one);
  }
  return due;
}

Result<std::optional<std::int64_t>> FakeStore::next_repetition_us() {
  std::optional<std::int64_t> least;
  for (const auto& [id, one] : repeating) {
    if (one.next_us != 0 && (!least || one.next_us < *least)) least = one.next_us;
  }
  return least;
}

void FakeStore::repeat(MessageId message, MessageId copy, std::int64_t now_us, std::int64_t next_us,
                       Done<bool> done) {
  if (failing_writes > 0) {
    --failing_writes;
    return finish<bool>(std::move(done), away());
  }
  RepetitionDue& one = repeating.at(message);
  one.next_us = --one.repetition.count > 0 ? next_us : 0;
  Message again = messages[message];
  again.id = copy;
  again.created_us = now_us;
  messages[copy] = std::move(again);
  finish<bool>(std::move(done), true);
}

Result<std::vector<AccountId>> FakeStore::accounts() {
  std::vector<AccountId> all;
  for (const auto& [id, message] : messages) {
    if (std::ranges::find(all, message.account) == all.end()) all.push_back(message.account);
  }
  return all;
}

void FakeStore::purge(Retention retention, Done<std::int64_t> done) {
  purged.push_back(retention);
  const auto gone = std::erase_if(messages, [&](const auto& entry) {
    return entry.second.account == retention.account &&
           entry.second.created_us < retention.before_us;
  });
  finish<std::int64_t>(std::move(done), static_cast<std::int64_t>(gone));
}

}  // namespace sallyport::messaging::test
