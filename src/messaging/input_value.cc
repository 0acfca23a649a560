#include "messaging/input_value.h"

#include <algorithm>
#include <utility>

namespace sallyport::messaging {

InputValue InputValue::of(Kind kind, std::string text) {
  InputValue value;
  value.kind = kind;
  value.text = std::move(text);
  return value;
}

const InputValue* InputValue::find(std::string_view name) const {
  for (const InputMember& member : members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

bool InputValue::is_scalar() const {
  return kind == Kind::Text || kind == Kind::Number || kind == Kind::Boolean;
}

bool InputValue::is_blank() const {
  switch (kind) {
    case Kind::Null: return true;
    case Kind::Text:
      return text == "0" || text == "false" ||
             text.find_first_not_of(" \t\r\n") == std::string::npos;
    case Kind::Number: return text == "0";
    case Kind::Boolean: return text == "false";
    case Kind::Object:
      return std::ranges::all_of(members, [](const auto& one) { return one.value.is_blank(); });
    case Kind::Array:
      return std::ranges::all_of(items, [](const auto& one) { return one.is_blank(); });
  }
  return false;
}

}  // namespace sallyport::messaging
