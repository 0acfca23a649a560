// A small installation in memory for the gateway's tests: two accounts, keys in every state, users
// in every state, an API in each profile, a loop that is cranked by hand on a manual clock.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "auth/api_key.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "gateway/filter_chain.h"
#include "gateway/gateway.h"
#include "gateway/request_context.h"
#include "http/canonical.h"

namespace sallyport::gateway {

class HandLoop final : public Loop {
 public:
  explicit HandLoop(ManualClock& clock) : clock_(clock) {}
  void post(Callback callback) override {
    const std::lock_guard guard(mutex_);
    posted_.push_back(std::move(callback));
  }
  void at(std::int64_t when_us, Callback callback) override {
    timers_.emplace(when_us, std::move(callback));
  }
  // Runs what was posted; true when there was anything.
  bool turn() {
    std::deque<Callback> due;
    {
      const std::lock_guard guard(mutex_);
      due.swap(posted_);
    }
    for (Callback& callback : due) callback();
    return !due.empty();
  }
  // Moves the clock to the next timer and runs it.
  bool next_timer() {
    if (timers_.empty()) return false;
    auto timer = timers_.extract(timers_.begin());
    const std::int64_t ahead = timer.key() - clock_.monotonic_us();
    if (ahead > 0) clock_.advance_us(ahead);
    timer.mapped()();
    return true;
  }

 private:
  ManualClock& clock_;
  std::mutex mutex_;
  std::deque<Callback> posted_;
  std::multimap<std::int64_t, Callback> timers_;
};

// Durable at once, or away, or silent for ever.
class FakeQuotaStore final : public limit::QuotaStore {
 public:
  Result<std::vector<limit::QuotaMark>> load_quota_marks() override {
    return std::vector<limit::QuotaMark>{};
  }
  void raise_quota_mark(limit::QuotaMark,
                        std::move_only_function<void(Result<void>)> done) override {
    if (silent) {
      held.push_back(std::move(done));
    } else if (away) {
      done(fail(ErrorKind::Unavailable, "disk full"));
    } else {
      done({});
    }
  }
  Result<void> settle_quota_marks(const std::vector<limit::QuotaMark>&) override { return {}; }
  std::vector<std::move_only_function<void(Result<void>)>> held;
  bool away = false;
  bool silent = false;
};

class FakePasswordKeeper final : public auth::PasswordKeeper {
 public:
  void keep(auth::NewUserPassword changed, Done done) override {
    kept.push_back(std::move(changed));
    if (error) return done(std::unexpected(*error));
    done({});
  }
  std::vector<auth::NewUserPassword> kept;
  std::optional<Error> error;
};

class EchoHandler final : public http::Handler {
 public:
  Task<Result<http::Response>> handle(const http::Request&, const Caller& caller,
                                      http::BodyReader&) override {
    ++calls;
    last = caller;
    if (error) co_return std::unexpected(*error);
    http::Response response;
    response.head.set_status(status);
    response.body = "hello";
    co_return response;
  }
  int calls = 0;
  int status = 200;
  std::optional<Error> error;
  Caller last;
};

class NoBody final : public http::BodyReader {
 public:
  Task<std::expected<std::string, http::BodyFault>> read_all(std::size_t) override {
    co_return std::string();
  }
};

struct Sent {
  http::Method method = http::Method::Get;
  std::string target = "/messages";
  std::string host = "api.test";
  std::vector<std::pair<std::string, std::string>> fields;
  http::Transport transport = http::Transport::Tls;
  std::string client = "192.0.2.1";
  std::string sni;
  std::optional<std::string> certificate_user;  // of a verified one
  std::int64_t certificate_until_us = INT64_MAX;
};

inline std::string basic(const std::string& user, const std::string& password) {
  return "Basic " + base64_encode(user + ":" + password);
}

class DoorsFixture : public testing::Test {
 protected:
  static constexpr AccountId kAccount{0xA1};
  static constexpr AccountId kOtherAccount{0xA2};
  static constexpr ApplicationId kApplication{0xB1};
  static constexpr PlanId kPlan{0xC1};
  static constexpr SubscriptionId kSubscription{0xD1};
  static constexpr RoleId kFullRole{0xE1};
  static constexpr RoleId kReaderRole{0xE2};
  static constexpr WorkspaceId kDefaultWorkspace{0xF1};
  static constexpr WorkspaceId kWorkspace{0xF2};
  static inline const std::string kPassword = "right password";

  DoorsFixture();
  ~DoorsFixture() override {
    verifier_.stop();
    signatures_.stop();
  }

  std::string add_key(Status status, auto&& change);
  std::string add_key(Status status = Status::Active) {
    return add_key(status, [](ApiKey&) {});
  }
  void add_user(std::string name, Status status, std::vector<RoleAssignment> roles,
                AccountId account = kAccount);
  void put(Entity entity);
  void set_limits(Limits limits);  // of the plan
  void parse(const Sent& sent);
  // Through the chain alone, cranking the loop over waits.
  Answer run(const Sent& sent);
  Reason reason(const Sent& sent);
  // Through the whole gateway.
  http::Response answer(const Sent& sent);
  Sent good(http::Method method = http::Method::Get, std::string target = "/messages");
  std::uint64_t used();

  ManualClock clock_;
  SeededRandom random_{7};
  ImmediateReclaimer reclaimer_;
  auth::Directory directory_{reclaimer_};
  access::Policy policy_;
  FakeQuotaStore store_;
  limit::Thresholds thresholds_{clock_, store_, reclaimer_};
  auth::Verifier verifier_;
  auth::FailureBudget budget_{{5, 20}, clock_, random_};
  auth::SignatureChecks signatures_{{1024, 256}};
  auth::TokenIssuer own_issuer_{"sallyport", reclaimer_};
  auth::GuessBudget guesses_{{10, 100, 30}, clock_, random_};
  auth::FamiliarSources sources_{clock_};
  FakePasswordKeeper passwords_;
  Doors doors_{directory_, policy_,  thresholds_, verifier_, budget_,
               guesses_,   sources_, &passwords_, clock_,    signatures_};
  FilterChain chain_{doors_};
  EchoHandler handler_;
  std::shared_ptr<const Router> router_;
  HandLoop loop_{clock_};
  http::Request request_;
  std::string target_, host_;
  std::vector<std::pair<std::string, std::string>> fields_;
  RequestContext context_;
  auth::ProvenTokens proven_;
  NoBody no_body_;
  telemetry::AccessLog log_;
  telemetry::Shard shard_{8};
  Gateway gateway_;
  std::unique_ptr<http::Exchange> exchange_;
  std::string log_path_;
  Plan plan_;
  std::string key_;
};

// The fields of an answer by name, as sent.
inline std::string field_of(const http::Response& response, std::string_view name) {
  std::string_view wire = response.head.wire();
  while (!wire.empty()) {
    const std::size_t end = wire.find("\r\n");
    const std::string_view line = wire.substr(0, end);
    if (line.starts_with(std::string(name) + ": "))
      return std::string(line.substr(name.size() + 2));
    wire.remove_prefix(end + 2);
  }
  return "(none)";
}

std::string DoorsFixture::add_key(Status status, auto&& change) {
  auth::GeneratedKey made = auth::generate_key(Environment::Live, random_);
  ApiKey key;
  key.id = made.id;
  key.subscription = kSubscription;
  key.status = status;
  key.digest = made.digest;
  change(key);
  put(key);
  return std::string(made.text.reveal());
}

}  // namespace sallyport::gateway
