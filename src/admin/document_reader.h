// Reads the fields of one entity from its table in a document: what is there is set, what is left
// out stays, and each problem is noted with its place. Used by admin/apply on the control thread,
// one object per table.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/model.h"
#include "admin/run.h"
#include "config/document.h"

namespace sallyport::admin {

struct DocumentProblem {
  config::Place place;
  std::string text;
};
using DocumentProblems = std::vector<DocumentProblem>;

class FieldReader {
 public:
  // `names`: where references are looked up. Without `problems` they are only kept quiet about.
  FieldReader(const config::Node& table, const Model& names, const Run& run,
              DocumentProblems* problems)
      : table_(table), names_(names), run_(run), problems_(problems) {}

  const config::Place& place() const { return table_.place; }
  // Of the field, or of the table when it is not there.
  config::Place place_of(std::string_view name) const;
  bool has(std::string_view name) const { return table_.find(name) != nullptr; }
  void problem(const config::Place& place, std::string text);
  void know(std::string_view name) { known_.push_back(name); }
  void finish();  // the fields that nobody asked for

  void text(const char* name, std::string& value);
  void truth(const char* name, bool& value);
  void number(const char* name, std::int32_t& value);
  void status(const char* name, Status& value, std::initializer_list<Status> allowed);
  void environment(const char* name, Environment& value);
  void time(const char* name, std::int64_t& us);
  template <class Integer>
  void limit(const char* name, std::optional<Integer>& value, std::string_view none,
             std::uint64_t most) {
    std::optional<std::uint64_t> wide;
    if (!read_limit(name, wide, none, most)) return;
    value = wide ? std::optional(static_cast<Integer>(*wide)) : std::nullopt;
  }
  void rates(Limits& limits, std::string_view none);
  void limits(Limits& limits, std::string_view none);
  void limits_table(const char* name, Limits& limits, std::string_view none);
  void networks(const char* name, std::vector<Network>& networks);
  void permissions(const char* allow, const char* deny, std::vector<Permission>& permissions);
  void openings(const char* name, std::vector<PlanOpening>& openings);
  void memberships(const char* name, std::vector<DeveloperMembership>& memberships);
  void roles(const char* name, std::vector<RoleId>& roles, AccountId account);
  void assignments(const char* name, std::vector<RoleAssignment>& roles, AccountId account);
  void reference(const char* name, AccountId& id);
  void reference(const char* name, ApplicationId& id);
  void reference(const char* name, PlanId& id);
  void reference(const char* name, SubscriptionId& id);
  void verifier(const char* name, std::string& value) { text(name, value); }
  void digest(const char* name, Digest& value);

 private:
  struct Word {
    config::Place place;
    std::string text;
  };
  template <class T>
  const T* get(const char* name, const char* wanted);
  bool read_limit(const char* name, std::optional<std::uint64_t>& value, std::string_view none,
                  std::uint64_t most);
  void windows(const char* name, Limits& limits);
  void calendar(Limits& limits);
  std::optional<std::vector<Word>> words(const char* name);
  template <class T>
  void resolve(const char* name, const Result<T>& found, decltype(T::id)& id);
  std::optional<Match> match(const Word& word, const char* name);

  const config::Node& table_;
  const Model& names_;
  const Run& run_;
  DocumentProblems* problems_;
  std::vector<std::string_view> known_;
};

}  // namespace sallyport::admin
