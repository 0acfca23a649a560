#include "base/entities.h"

#include <utility>

namespace sallyport {
namespace {

template <class Enum>
struct Word {
  Enum value;
  std::string_view text;
};

constexpr Word<Status> kStatuses[] = {
    {Status::Active, "active"},       {Status::Suspended, "suspended"},
    {Status::Waiting, "waiting"},     {Status::Disabled, "disabled"},
    {Status::Inactive, "inactive"},   {Status::Ended, "ended"},
    {Status::Unclaimed, "unclaimed"}, {Status::Revoked, "revoked"},
    {Status::Pending, "pending"},     {Status::Blocked, "blocked"},
    {Status::Deleted, "deleted"},
};
constexpr Word<Environment> kEnvironments[] = {
    {Environment::Live, "live"},
    {Environment::Test, "test"},
};

constexpr Word<SenderKind> kSenderKinds[] = {
    {SenderKind::Domain, "domain"},
    {SenderKind::Address, "address"},
    {SenderKind::Sms, "sms"},
};

template <class Enum, std::size_t N>
std::string_view word_of(const Word<Enum> (&words)[N], Enum value) {
  for (const auto& word : words) {
    if (word.value == value) return word.text;
  }
  std::unreachable();
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const Word<Enum> (&words)[N], std::string_view text) {
  for (const auto& word : words) {
    if (word.text == text) return word.value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Status status) { return word_of(kStatuses, status); }
std::optional<Status> parse_status(std::string_view text) { return value_of(kStatuses, text); }

std::string_view to_string(Environment environment) { return word_of(kEnvironments, environment); }
std::optional<Environment> parse_environment(std::string_view text) {
  return value_of(kEnvironments, text);
}

std::string_view to_string(SenderKind kind) { return word_of(kSenderKinds, kind); }
std::optional<SenderKind> parse_sender_kind(std::string_view text) {
  return value_of(kSenderKinds, text);
}

}  // namespace sallyport
