// A JSON body as a client posts it: read, checked as a message, and written again in both forms.
// What is accepted must be UTF-8, name recipients that are addresses, and fit into a mail.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "body_check.h"
#include "messaging/json_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(bytes), size);
  const auto input = sallyport::messaging::read_json(body);
  if (input) sallyport::fuzz::check_body(*input, size);
  return 0;
}
