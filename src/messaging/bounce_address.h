// The address that a mail's bounces come back to: an address of its own for each recipient of each
// message (VERP), with a MAC, so that nobody can make up a bounce for a mail that was never sent.
// Pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"
#include "base/secret.h"

namespace sallyport::messaging {

struct BounceAddress {
  MessageId message;
  std::int32_t recipient = 0;
};

std::string bounce_address(const BounceAddress& of, std::string_view domain, const Secret& key);
// nullopt: not of this form, another domain, or the MAC does not fit.
std::optional<BounceAddress> parse_bounce_address(std::string_view address, std::string_view domain,
                                                  const Secret& key);

}  // namespace sallyport::messaging
