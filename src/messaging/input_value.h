// A request's body as one model, whether it was JSON or XML: what the readers make and what
// message_input checks. Values, any thread. Everything in it is UTF-8 without surrogates.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::messaging {

struct InputMember;

struct InputValue {
  enum class Kind : std::uint8_t {
    Null,
    Text,
    Number,   // `text` is how it was written, or the shortest that reads back the same
    Boolean,  // `text` is "true" or "false"
    Object,   // `members`, no name twice
    Array,    // `items`
  };
  Kind kind = Kind::Null;
  std::string text;
  std::vector<InputMember> members;
  std::vector<InputValue> items;

  static InputValue of(Kind kind, std::string text = {});

  const InputValue* find(std::string_view name) const;  // of an object's members, else nullptr
  bool is_scalar() const;                               // Text, Number or Boolean
  // Says nothing: null, blank text, 0, false, or holds only such. Clients send the fields that they
  // do not use as {}, "" or 0.
  bool is_blank() const;
};

struct InputMember {
  std::string name;
  InputValue value;
};

// Why a body cannot be read: the rule and where it was broken. For errorDetail.
struct ReadError {
  std::string detail;
};

}  // namespace sallyport::messaging
