// In which media type the doors answer: the vendor's, or plain, JSON or XML, by Accept (RFC 9110
// 12.5.1); without a usable one, by the request's own Content-Type; else XML. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

#include "http/request.h"

namespace sallyport::gateway {

struct MediaChoice {
  bool json = false;
  std::string type = "application/xml";  // as the client wrote it, without parameters
  bool asked = false;                    // named by Accept, not a fallback
};

MediaChoice choose_media(const http::Request& request);
// One media type with or without parameters: JSON, XML, or nullopt-like `type` empty.
MediaChoice known_media(std::string_view text);

}  // namespace sallyport::gateway
