#include "server/user_upkeep.h"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"

namespace sallyport::server {
namespace {

// How long what was seen may wait to be written: it is lost in a crash, and then the user's next
// password is checked as anybody's.
constexpr auto kPause = std::chrono::seconds(5);
constexpr std::size_t kMostAtOnce = 500;  // upgrades in one transaction
constexpr std::size_t kMostWaiting = 100'000;

using auth::NewUserPassword;
using auth::PasswordUpgrade;

// Named as an administrator's change of a user is.
Change change_of(const User& user, std::string_view event, std::int64_t now_us) {
  Change change;
  const std::string subject = fmt::format("user {}", user.id.hex());
  change.put.emplace_back(user);
  change.events.push_back({std::string(event), subject, user.account, "{}", now_us});
  change.audit.subject = subject;
  return change;
}

}  // namespace

struct UserUpkeep::State {
  struct Asked {
    NewUserPassword changed;
    Done done;
  };

  void run();
  void keep_all(std::deque<Asked> asked);
  Result<void> keep_one(NewUserPassword& changed);
  void upgrade_all(std::deque<PasswordUpgrade> upgrades);
  void upgrade_some(std::deque<PasswordUpgrade>& upgrades);
  void save_seen();

  const auth::Directory* directory = nullptr;
  auth::FamiliarSources* sources = nullptr;
  auth::FamiliarStore* store = nullptr;
  const Clock* clock = nullptr;
  admin::Commands* commands = nullptr;
  std::mutex* commands_mutex = nullptr;

  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Asked> asked;
  std::deque<PasswordUpgrade> upgrades;
  bool stopping = false;
  std::thread thread;
};

UserUpkeep::UserUpkeep(const auth::Directory& directory, auth::FamiliarSources& sources,
                       auth::FamiliarStore& store, const Clock& clock)
    : state_(std::make_unique<State>()) {
  state_->directory = &directory;
  state_->sources = &sources;
  state_->store = &store;
  state_->clock = &clock;
}

UserUpkeep::~UserUpkeep() { stop(); }

void UserUpkeep::start(admin::Commands& commands, std::mutex& mutex) {
  state_->commands = &commands;
  state_->commands_mutex = &mutex;
  state_->thread = std::thread([raw = state_.get()] { raw->run(); });
}

void UserUpkeep::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_one();
  if (state_->thread.joinable()) state_->thread.join();
}

void UserUpkeep::keep(NewUserPassword changed, Done done) {
  bool refused = false;
  {
    const std::lock_guard lock(state_->mutex);
    refused = state_->stopping || state_->asked.size() >= kMostWaiting;
    if (!refused) state_->asked.push_back({std::move(changed), std::move(done)});
  }
  if (refused) return done(fail(ErrorKind::Unavailable, "the server is stopping"));
  state_->wake.notify_one();
}

void UserUpkeep::upgrade(PasswordUpgrade upgrade) {
  {
    const std::lock_guard lock(state_->mutex);
    // One that is lost is made at the next success.
    if (state_->stopping || state_->upgrades.size() >= kMostWaiting) return;
    state_->upgrades.push_back(std::move(upgrade));
  }
  state_->wake.notify_one();
}

void UserUpkeep::State::run() {
  std::int64_t save_us = clock->monotonic_us();
  for (;;) {
    std::deque<Asked> now_asked;
    std::deque<PasswordUpgrade> now_upgrades;
    bool last = false;
    {
      std::unique_lock lock(mutex);
      wake.wait_for(lock, kPause,
                    [this] { return stopping || !asked.empty() || !upgrades.empty(); });
      last = stopping;
      now_asked.swap(asked);
      now_upgrades.swap(upgrades);
    }
    keep_all(std::move(now_asked));
    upgrade_all(std::move(now_upgrades));
    const std::int64_t now_us = clock->monotonic_us();
    if (last || now_us >= save_us) {
      save_seen();
      save_us = now_us + std::chrono::microseconds(kPause).count();
      commands->end_idle_reads();
    }
    if (last) return;
  }
}

void UserUpkeep::State::keep_all(std::deque<Asked> all) {
  for (Asked& one : all) one.done(keep_one(one.changed));
}

Result<void> UserUpkeep::State::keep_one(NewUserPassword& changed) {
  const std::lock_guard lock(*commands_mutex);
  const std::optional<User> present = commands->model().users.find(changed.user);
  if (!present || present->security_version != changed.security_version ||
      present->status != Status::Active) {
    return fail(ErrorKind::Conflict, "the user was changed meanwhile");
  }
  User user = *present;
  user.verifier = std::move(changed.verifier);
  user.must_change = false;
  ++user.security_version;
  return commands->make(fmt::format("user {}", user.id.hex()), "user.password",
                        change_of(user, "user.password_changed", clock->unix_us()));
}

void UserUpkeep::State::upgrade_all(std::deque<PasswordUpgrade> all) {
  while (!all.empty()) upgrade_some(all);
}

// Many at once: after an import every first success brings one.
void UserUpkeep::State::upgrade_some(std::deque<PasswordUpgrade>& all) {
  std::vector<PasswordUpgrade> taken;
  Change change;
  const std::lock_guard lock(*commands_mutex);
  while (!all.empty() && change.put.size() < kMostAtOnce) {
    PasswordUpgrade one = std::move(all.front());
    all.pop_front();
    const std::optional<User> present = commands->model().users.find(one.user);
    if (!present || present->verifier != one.from) continue;  // changed meanwhile
    User user = *present;
    user.verifier = one.to;
    change.put.emplace_back(std::move(user));
    taken.push_back(std::move(one));
  }
  if (taken.empty()) return;
  change.audit.subject = fmt::format("{} users", taken.size());
  if (const auto done = commands->make("server", "user.upgrade", std::move(change)); !done) {
    log::warn("passwords could not be hashed anew: " + done.error().message);
    return;
  }
  // The same password: it need not be proven a second time.
  for (const PasswordUpgrade& one : taken) {
    const auth::UserRecord* record = directory->find_user(one.user);
    if (record != nullptr && record->verifier() == one.to) record->set_proven(one.proof);
  }
}

void UserUpkeep::State::save_seen() {
  const auto rows = sources->take_new();
  if (rows.empty()) return;
  const auto saved = store->save_sources(rows, clock->unix_us() - auth::FamiliarSources::kFor_us);
  if (!saved) {
    log::warn("where users were seen could not be written: " + saved.error().message);
    return;
  }
}

}  // namespace sallyport::server
