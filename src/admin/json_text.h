// Writes JSON objects and arrays member by member, in the order given. For replies, audit rows and
// files; reading is done elsewhere. Values, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/encoding.h"

namespace sallyport::admin {

inline std::string json_string(std::string_view text) {
  std::string out = "\"";
  append_json_escaped(out, text);
  return out + "\"";
}

class JsonObject {
 public:
  JsonObject& raw(std::string_view name, std::string_view json) {
    text_ += text_.empty() ? "{" : ",";
    text_ += json_string(name);
    text_ += ':';
    text_ += json;
    return *this;
  }
  JsonObject& text(std::string_view name, std::string_view value) {
    return raw(name, json_string(value));
  }
  // null when empty, as for an id or a time that is not set
  JsonObject& text_or_null(std::string_view name, std::string_view value) {
    return raw(name, value.empty() ? "null" : json_string(value));
  }
  JsonObject& number(std::string_view name, std::int64_t value) {
    return raw(name, std::to_string(value));
  }
  template <class Integer>
  JsonObject& number(std::string_view name, const std::optional<Integer>& value) {
    return raw(name, value ? std::to_string(*value) : "null");
  }
  JsonObject& truth(std::string_view name, bool value) {
    return raw(name, value ? "true" : "false");
  }
  std::string str() const { return text_.empty() ? "{}" : text_ + "}"; }

 private:
  std::string text_;
};

inline std::string json_array(const std::vector<std::string>& elements) {
  std::string out = "[";
  for (const std::string& element : elements) out += (out.size() > 1 ? "," : "") + element;
  return out + "]";
}

}  // namespace sallyport::admin
