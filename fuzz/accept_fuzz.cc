// Any bytes as Accept and Content-Type: what is answered with is always one media type that can
// stand in a head, and doors and engine read the same ranges.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gateway/accept.h"
#include "http/media_range.h"
#include "messaging/media_type.h"

namespace {

using namespace sallyport;

void check_type(std::string_view type) {
  SALLYPORT_CHECK(!type.empty() && type.find('/') != std::string_view::npos);
  for (const char c : type) SALLYPORT_CHECK(c > 0x20 && c < 0x7F && c != ',' && c != ';');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), size);
  const std::size_t line = input.find('\n');
  const std::string accept(input.substr(0, line));
  const std::string own(line == std::string_view::npos ? "" : input.substr(line + 1));
  for (const auto& range : http::parse_accept(accept)) {
    SALLYPORT_CHECK(range.quality >= 0 && range.quality <= http::kFullQuality);
  }
  http::Request request;
  request.fields.push_back({"accept", accept});
  if (!own.empty()) request.fields.push_back({"content-type", own});
  check_type(gateway::choose_media(request).type);
  const messaging::MediaFields fields = messaging::media_fields(request);
  const messaging::MediaRules rules{"whispir", {"message", "messagestatus"}};
  check_type(messaging::negotiate_error(fields, rules).text);
  if (const auto chosen = messaging::negotiate(fields, rules)) check_type(chosen->text);
  (void)messaging::body_type(fields, "whispir");
  return 0;
}
