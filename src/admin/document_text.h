// All entities as one TOML document: what `export` prints and `apply` takes. Every field of every
// entity, references by name where the name says which one is meant, else by id. Digests of keys
// and verifiers of passwords only when asked for. Pure; control thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/model.h"
#include "base/entities.h"

namespace sallyport::admin {

// A field's name and its value as TOML.
using TomlFields = std::vector<std::pair<std::string, std::string>>;

template <class T>
TomlFields toml_fields(const T& entity, const Model& names, bool with_verifiers);

// "[[user]]" is the section of users. In the order in which they refer to each other.
inline constexpr std::string_view kSections[] = {"account",   "workspace",   "role", "plan",
                                                 "developer", "application", "user", "subscription",
                                                 "key",       "grant"};

std::string export_document(const Model& model, bool with_verifiers);
// The same as JSON, with the document's words: {"format":1,"account":[{"id":...}]}.
std::string document_json(std::string_view document);

}  // namespace sallyport::admin
