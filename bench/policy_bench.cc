// What a permission check costs with ten rules and with a thousand: by operation, by path, and by
// paths that all fit until their last segment.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "access/policy.h"

namespace {

using namespace sallyport;
using namespace sallyport::access;

constexpr RoleId kRole{1};
constexpr AccountId kAccount{1};

class Rules {
 public:
  explicit Rules(std::vector<Permission> permissions)
      : policy_(Catalog({"messaging"}, {"messages.list", "messages.create"}), reclaimer_) {
    Role role;
    role.id = kRole;
    role.permissions = std::move(permissions);
    policy_.apply({{role}, {}, {}, {}});
  }
  void ask(benchmark::State& state, const Question& question) const {
    const RoleAssignment roles[] = {{kRole, {}}};
    for (auto _ : state) {
      benchmark::DoNotOptimize(policy_.decide(kAccount, roles, {}, question));
    }
  }

 private:
  ImmediateReclaimer reclaimer_;
  Policy policy_;
};

Permission path(const std::string& pattern) { return {{"messaging", "", {"GET"}, pattern}, true}; }

void role_of_paths(benchmark::State& state) {
  std::vector<Permission> permissions;
  for (int i = 0; i < state.range(0); ++i) {
    permissions.push_back(path("/things" + std::to_string(i) + "/{id}/parts/{part}"));
  }
  const std::string_view segments[] = {"things7", "4FBBC384BCE3DAAB", "parts", "17"};
  Rules(std::move(permissions)).ask(state, {0, Catalog::kNone, http::Method::Get, segments});
}
BENCHMARK(role_of_paths)->Arg(10)->Arg(1'000)->Arg(10'000);

// "/a/{x}/a/../z", every way to write it.
void role_of_paths_that_nearly_fit(benchmark::State& state) {
  std::vector<Permission> permissions;
  for (int bits = 0; bits < state.range(0); ++bits) {
    std::string pattern;
    for (int i = 0; i < 10; ++i) pattern += ((bits >> i) & 1) != 0 ? "/a" : "/{x}";
    permissions.push_back(path(pattern + "/z"));
  }
  const std::string_view segments[] = {"a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "b"};
  Rules(std::move(permissions)).ask(state, {0, Catalog::kNone, http::Method::Get, segments});
}
BENCHMARK(role_of_paths_that_nearly_fit)->Arg(10)->Arg(1'000);

void role_of_operations(benchmark::State& state) {
  const std::vector<Permission> permissions(
      static_cast<std::size_t>(state.range(0)),
      Permission{{"messaging", "messages.list", {}, ""}, true});
  const std::string_view segments[] = {"messages"};
  Rules(permissions).ask(state, {0, 0, http::Method::Get, segments});
}
BENCHMARK(role_of_operations)->Arg(10)->Arg(1'000);

}  // namespace
