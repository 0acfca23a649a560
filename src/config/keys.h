// What is known about the names of keys: which exist, which are reserved, which one was probably
// meant. Pure functions over constant tables, any thread.
#pragma once

#include <string>
#include <string_view>

namespace sallyport::config {

bool is_known_key(std::string_view name);
// "limits", "listener[]" (an array of tables), "channels" (only holds other tables).
bool is_known_table(std::string_view name);
// A name that later versions will know: "api[].upstream". Said to be not built yet, not unknown.
bool is_reserved(std::string_view name);

// The known key (or table) whose name takes the fewest edits.
std::string_view nearest_key(std::string_view name);
std::string_view nearest_table(std::string_view name);

// Levenshtein's: insertions, deletions, replacements.
std::size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace sallyport::config
