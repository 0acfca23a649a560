// Reads bounces out of any bytes, and the addresses they come to.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "messaging/bounce_address.h"
#include "messaging/bounce_report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto report = sallyport::messaging::read_bounce(input);
  if (report && (report->text.size() > 200 || report->code < 0 || report->code > 599)) std::abort();
  const sallyport::Secret key(std::string(32, 'k'));
  if (sallyport::messaging::parse_bounce_address(input, "b.example", key) && input.size() > 320) {
    std::abort();
  }
  return 0;
}
