#include "messaging/message_receipts.h"

#include <initializer_list>
#include <string_view>

#include "base/encoding.h"

namespace sallyport::messaging {
namespace {

// True where there is nothing to read, or one of the words.
template <class Word>
bool pick(const InputValue* value, Word& out, std::initializer_list<Word> words) {
  if (value == nullptr || value->is_blank()) return true;
  if (!value->is_scalar()) return false;
  for (const Word word : words) {
    if (!equal_ascii_case(value->text, to_string(word))) continue;
    out = word;
    return true;
  }
  return false;
}

}  // namespace

std::expected<void, std::string> read_receipts(const InputValue& input, MessageContent& out) {
  if (!pick(input.find("type"), out.type,
            {MessageType::Default, MessageType::DefaultNoReply, MessageType::NoDlr})) {
    return std::unexpected("The field \"type\" must be default, defaultNoReply or noDlr");
  }
  const InputValue* dlr = input.find("dlr");
  if (dlr == nullptr || dlr->is_blank()) return {};
  if (dlr->kind != InputValue::Kind::Object) {
    return std::unexpected("The field \"dlr\" must be an object");
  }
  if (!pick(dlr->find("type"), out.receipts, {Receipts::None, Receipts::Delivered})) {
    return std::unexpected("The field \"dlr.type\" must be NoDlr or ReportDelivered");
  }
  return {};
}

}  // namespace sallyport::messaging
