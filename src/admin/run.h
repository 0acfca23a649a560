// One command while it is carried out: its options read by type, its first refusal kept, its change
// committed. Made by Commands for each request; control thread only. Reading goes on after a
// refusal with empty values; a verb asks failed() before it changes anything.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "admin/command.h"
#include "admin/model.h"
#include "auth/entity_store.h"

namespace sallyport::admin {

class Run {
 public:
  using Commit = std::function<Result<void>(Change)>;

  Run(const CommandRequest& request, const Model& model, const CommandServices& services,
      auth::EntityStore& store, Commit commit)
      : request_(request),
        model_(model),
        services_(services),
        store_(store),
        commit_(std::move(commit)) {}

  // For the checks below on values from elsewhere: with a first refusal of its own.
  Run probe() const { return {request_, model_, services_, store_, commit_}; }

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
  // A number up to `most`; `none` is the word for nullopt.
  template <class Integer>
  void read_number(std::string_view option, std::optional<Integer>& out, std::uint64_t most,
                   std::string_view none) {
    if (const auto given = number(option, most, none)) {
      out = *given ? std::optional(static_cast<Integer>(**given)) : std::nullopt;
    }
  }
  std::int64_t duration_us(std::string_view option, std::int64_t otherwise);  // "24h"
  // --rate --burst --window --quota --quota-period --quota-anchor --quota-zone --concurrency, each
  // behind `prefix`; `none` is the word for "no limit here".
  void read_limits(Limits& limits, std::string_view none, std::string_view prefix = "");
  bool gives_limits(std::string_view prefix = "") const;
  PlanOpening opening(const std::string& text);  // a match, then "rate=5 quota=100/day ..."
  Match match(const std::string& text);          // "API:OPERATION" or "API METHODS PATTERN"
  std::vector<Network> networks(std::string_view option);
  std::int64_t time(std::string_view option);  // RFC 3339 or a date; 0 when not given
  AccountId account_option();                  // --account, none when not given

  // The record of something that changes no entity: whoever stores it stores this with it.
  Change record(std::string subject, std::string json) const;

  // Commits: in the store, then in force, then in the model. Empty, or what went wrong.
  std::optional<CommandReply> commit(Change change);

 private:
  // Nothing: the option is not given, or wrong.
  std::optional<std::optional<std::uint64_t>> number(std::string_view option, std::uint64_t most,
                                                     std::string_view none);
  void note(Error error, int exit_code);
  void read_calendar(Limits& limits, const std::string& prefix);
  void check_burst(const Limits& limits);

  const CommandRequest& request_;
  const Model& model_;
  const CommandServices& services_;
  auth::EntityStore& store_;
  Commit commit_;
  std::optional<Error> error_;
  int exit_code_ = kDone;
};

}  // namespace sallyport::admin
