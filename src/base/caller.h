// Who is calling, as the doors found it and as a handler may rely on it: everything is copied, so
// that it stays true to the moment of the decision past any suspension.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/entities.h"
#include "base/id.h"

namespace sallyport {

struct Caller {
  AccountId account;
  ApplicationId application;
  SubscriptionId subscription;
  KeyId key;
  Environment environment = Environment::Live;
  UserId user;
  std::string username;      // as written in the user's record
  std::string display_name;  // first and last name, else the user name
  std::string roles;         // account-wide ones, as a list of RFC 8941 strings; may be empty
  std::string operation;     // of the engine: "messages.create"
  std::string public_url;    // of the virtual host, without a trailing slash
  // The key's text and the pair's name, only when it came in the query: classic clients want it
  // echoed in links.
  std::string echo_apikey;
  std::string echo_name = "apikey";
};

}  // namespace sallyport
