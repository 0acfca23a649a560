// What applying a document comes to, while it is put together: the change, and the same for people.
// A value; control thread.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "admin/document_reader.h"
#include "admin/entity_text.h"
#include "base/entities.h"

namespace sallyport::admin {

struct PlannedStep {
  char sign = '~';  // '+' new, '~' changed, '-' gone
  std::string kind;
  std::string id;
  std::string text;  // "user \"jane\": status \"active\" -> \"blocked\""; without secrets
};

struct ApplyPlan {
  Change change;  // without its audit row
  std::vector<PlannedStep> steps;
  std::vector<std::string> notes;  // what is not as the document says, and why
  DocumentProblems problems;       // when there is one, the rest means nothing

  template <class T>
  void step(char sign, const T& entity, std::string text) {
    steps.push_back({sign, std::string(kind_of(entity)), entity.id.hex(), std::move(text)});
  }
  template <class T>
  void put(const T& entity, std::string_view happened, std::int64_t now_us) {
    change.put.push_back(entity);
    tell(entity, happened, now_us);
  }
  template <class T>
  void remove(const T& entity, std::int64_t now_us) {
    change.remove.push_back(entity);
    tell(entity, "deleted", now_us);
  }

 private:
  template <class T>
  void tell(const T& entity, std::string_view happened, std::int64_t now_us) {
    AccountId account;
    if constexpr (requires { AccountId(entity.account); }) account = entity.account;
    change.events.push_back({fmt::format("{}.{}", kind_of(entity), happened),
                             fmt::format("{} {}", kind_of(entity), entity.id.hex()), account, "{}",
                             now_us});
  }
};

}  // namespace sallyport::admin
