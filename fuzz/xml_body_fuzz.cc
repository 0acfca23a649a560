// An XML body as a client posts it: scanned, read, checked as a message, and written again. Our own
// scan and the parser behind it must agree on what is well-formed.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "body_check.h"
#include "messaging/xml_reader.h"
#include "messaging/xml_scan.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(bytes), size);
  const auto input = sallyport::messaging::read_xml(body, "message");
  if (!input) return 0;
  SALLYPORT_CHECK(sallyport::messaging::scan_xml(body).has_value());
  sallyport::fuzz::check_body(*input, size);
  return 0;
}
