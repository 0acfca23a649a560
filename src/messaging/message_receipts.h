// What a posted message says about itself and about delivery receipts: `type` and `dlr`. Pure, any
// thread; a refusal is the text of a 422.
#pragma once

#include <expected>
#include <string>

#include "messaging/input_value.h"
#include "messaging/message.h"

namespace sallyport::messaging {

std::expected<void, std::string> read_receipts(const InputValue& input, MessageContent& out);

}  // namespace sallyport::messaging
