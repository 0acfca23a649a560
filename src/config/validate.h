// What must hold between the values of a configuration that is well-formed key by key.
// Called by parse() on what it read; reports every problem. Pure, any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "config/config.h"

namespace sallyport::config {

// What the validator asks the parser for and tells it. Names are written "listener[0].key".
struct Findings {
  std::function<bool(const std::string& name)> is_set;    // the file has this key or table
  std::function<bool(const std::string& name)> is_wrong;  // already reported
  std::function<void(const std::string& name, std::string text)> error;
  std::function<void(const std::string& name, std::string text)> warn;
};

void validate(const Config& config, const Findings& findings);

// "api.example.com" or an IP address, lower case; no port, no trailing dot.
bool is_host_name(std::string_view text);
// "https://api.example.com:8443/v1": printable ASCII without query, fragment and trailing slash.
bool is_public_url(std::string_view text);
// One address without display name: "no-reply@example.com".
bool is_mail_address(std::string_view text);
// RFC 9110 5.6.2, as header names and media types are made of.
bool is_token(std::string_view text);

}  // namespace sallyport::config
