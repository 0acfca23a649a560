// The demo's certificates: an authority that may sign for loopback names only, and one server
// certificate. The authority's key never touches the disk.
#pragma once

#include <string>

#include "base/result.h"

namespace sallyport::admin {

struct DemoCertificates {
  std::string authority_pem;
  std::string server_pem;  // leaf, then the authority
  std::string server_key_pem;
};

// EC P-256. Server names: localhost, api.local.test, 127.0.0.1; valid for 397 days from now.
Result<DemoCertificates> make_demo_certificates();

}  // namespace sallyport::admin
