#include "doors_fixture.h"

#include <thread>

namespace sallyport::gateway {
namespace {

// Argon2id as cheap as it gets: what is tested is who hashes, not how long it takes.
constexpr auth::Argon2Cost kCheap{64, 1, 1};

std::shared_ptr<telemetry::AccessFile> open_log(const std::string& path) {
  auto file = telemetry::AccessFile::open(path);
  return std::move(*file);
}

std::string temporary_name() {
  return testing::TempDir() + "/gateway_test_access.log." + std::to_string(getpid());
}

std::unique_ptr<Router> build_router(EchoHandler& handler, const access::Catalog& catalog) {
  using http::Method;
  const std::vector<RouteSpec> routes = {
      {Method::Get, "/", "company.get", &handler},
      {Method::Get, "/messages", "messages.list", &handler},
      {Method::Post, "/messages", "messages.create", &handler},
      {Method::Get, "/messages/{id}", "messages.get", &handler},
      {Method::Get, "/workspaces/{workspace}/messages", "messages.list", &handler},
      {Method::Post, "/workspaces/{workspace}/messages", "messages.create", &handler},
  };
  config::Api classic;
  classic.name = "messaging";
  classic.hosts = {{"api.test", "https://api.test:8443", {}}, {"eu.test", "", {}}};
  classic.allowed_origins = {"https://console.test"};
  config::Api modern = classic;
  modern.name = "modern";
  modern.profile = config::Profile::Modern;
  modern.key.queries.clear();
  modern.hosts = {{"modern.test", "https://modern.test", {}},
                  {"sandbox.test", "", {}, Environment::Test}};
  modern.key.headers = {"x-api-key", "x-programme-key"};
  modern.disclose_key_state = true;
  modern.cors.origins = {"https://shop.test"};
  config::Api closed = classic;
  closed.name = "closed";
  closed.maintenance = true;
  closed.compat_596 = true;
  closed.hosts = {{"closed.test", "", {}}};
  auto built = Router::build({{classic, routes}, {modern, routes}, {closed, routes}}, catalog);
  EXPECT_TRUE(built.has_value());
  return std::move(*built);
}

}  // namespace

DoorsFixture::DoorsFixture()
    : policy_(access::Catalog({"messaging", "modern", "closed"},
                              {"company.get", "messages.list", "messages.create", "messages.get"}),
              reclaimer_),
      verifier_({kCheap, 1, 64}, random_),
      router_(build_router(handler_, policy_.catalog())),
      log_(open_log(temporary_name())),
      gateway_(router_, chain_, clock_, loop_, log_, shard_),
      exchange_(gateway_.open()),
      log_path_(temporary_name()) {
  for (const auto& api : router_->apis()) thresholds_.add_api(api->settings.name);
  for (const AccountId id : {kAccount, kOtherAccount}) {
    Account account;
    account.id = id;
    put(account);
  }
  Workspace workspace;
  workspace.id = kDefaultWorkspace;
  workspace.account = kAccount;
  workspace.is_default = true;
  put(workspace);
  Application application;
  application.id = kApplication;
  application.account = kAccount;
  put(application);
  plan_.id = kPlan;
  plan_.name = "Gold";
  plan_.opens = {{{"*", "*", {}, ""}, {}}};
  put(plan_);
  Subscription subscription;
  subscription.id = kSubscription;
  subscription.application = kApplication;
  subscription.plan = kPlan;
  put(subscription);
  Role full;
  full.id = kFullRole;
  full.name = "full";
  full.permissions = {{{"*", "*", {}, ""}, true}};
  put(full);
  Role reader;
  reader.id = kReaderRole;
  reader.name = "reader";
  reader.permissions = {{{"*", "messages.list", {}, ""}, true}};
  put(reader);
  add_user("John.Smith", Status::Active, {{kFullRole, {}}});
  key_ = add_key();
}

void DoorsFixture::put(Entity entity) {
  Change change;
  change.put.push_back(std::move(entity));
  thresholds_.apply(change);
  policy_.apply(change);
  directory_.apply(change);
}

void DoorsFixture::add_user(std::string name, Status status, std::vector<RoleAssignment> roles,
                            AccountId account) {
  User user;
  user.id = UserId{random_.next_u64()};
  user.account = account;
  user.username = std::move(name);
  user.verifier = *auth::hash_password(kPassword, kCheap, random_);
  user.status = status;
  user.roles = std::move(roles);
  put(user);
}

void DoorsFixture::set_limits(Limits limits) {
  plan_.limits = limits;
  put(plan_);
}

void DoorsFixture::parse(const Sent& sent) {
  request_.clear();
  request_.method = sent.method;
  target_ = sent.target;
  host_ = sent.host;
  fields_ = sent.fields;
  ASSERT_EQ(http::make_canonical(request_, target_, host_), nullptr);
  for (const auto& [name, value] : fields_) request_.fields.push_back({name, value});
  request_.transport = sent.transport;
  request_.client = *IpAddress::parse(sent.client);
  request_.sni = sent.sni;
  request_.client_verified = sent.certificate_user.has_value();
  if (sent.certificate_user) request_.certificate_user = request_.keep(*sent.certificate_user);
  request_.certificate_until_us = sent.certificate_until_us;
  request_.arrival_us = clock_.monotonic_us();
  request_.request_id = "0123456789abcdef0123456789abcdef";
}

Answer DoorsFixture::run(const Sent& sent) {
  parse(sent);
  context_.reset(request_, loop_);
  context_.proven = &proven_;
  context_.match = router_->match(request_);
  if (context_.match.reason != Reason::Ok) return Refusal{context_.match.reason};
  for (;;) {
    Answer answer = chain_.run(context_);
    auto* wait = std::get_if<Wait>(&answer);
    if (wait == nullptr) return answer;
    const auto pending = wait->pending;
    context_.forget_tables();
    while (!pending->finished) {
      if (!loop_.turn()) std::this_thread::yield();
    }
  }
}

Reason DoorsFixture::reason(const Sent& sent) {
  const Answer answer = run(sent);
  const auto* refusal = std::get_if<Refusal>(&answer);
  return refusal == nullptr ? Reason::Ok : refusal->reason;
}

http::Response DoorsFixture::answer(const Sent& sent) {
  parse(sent);
  http::Response response;
  bool done = false;
  auto collect = [](http::Exchange& exchange, http::Request& request, http::BodyReader& body,
                    http::Response& out, bool& finished) -> Task<void> {
    out = co_await exchange.answer(request, body);
    finished = true;
  };
  Task<void> task = collect(*exchange_, request_, no_body_, response, done);
  task.start();
  // The hash pool posts when it is ready; timers only when nothing is under way there.
  while (!done) {
    if (loop_.turn()) continue;
    if (verifier_.under_way() != 0 || signatures_.under_way() != 0) {
      std::this_thread::yield();
    } else if (!loop_.turn()) {
      loop_.next_timer();
    }
  }
  exchange_->finish({response.head.status(), response.reason, 10, 20, clock_.monotonic_us()});
  return response;
}

Sent DoorsFixture::good(http::Method method, std::string target) {
  Sent sent;
  sent.method = method;
  sent.target = std::move(target);
  sent.fields = {{"x-api-key", key_}, {"authorization", basic("john.smith", kPassword)}};
  return sent;
}

std::uint64_t DoorsFixture::used() {
  limit::Cell* cell = thresholds_.find(kSubscription);
  return thresholds_.usage({cell, plan_.limits, Reason::OverRate}).used;
}

}  // namespace sallyport::gateway
