// Reads a delivery status notification (RFC 3464) out of a mail that came back. Whatever is not one
// says nothing. Pure, any thread; reads bytes from anywhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sallyport::messaging {

struct BounceReport {
  enum class Action : std::uint8_t { Failed, Delayed, Delivered } action = Action::Failed;
  std::int32_t code = 0;  // the diagnostic's SMTP code, else the class of the status: 500, 400
  std::string text;       // printable, 200 bytes at most
};

// nullopt: an answering machine, spam, anything else. The first recipient's report counts: a mail
// of ours has one recipient for each envelope sender.
std::optional<BounceReport> read_bounce(std::string_view mail);

}  // namespace sallyport::messaging
