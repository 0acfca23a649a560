#include "gateway/authenticator.h"

#include "base/encoding.h"
#include "gateway/request_context.h"

namespace sallyport::gateway {

bool is_of_scheme(std::string_view field, std::string_view scheme) {
  return equal_ascii_case(field.substr(0, field.find_first_of(" \t")), scheme);
}

auth::OpenedUser find_user(const auth::Directory& directory, const RequestContext& context,
                           std::string_view folded) {
  if (context.key.application != nullptr) {
    return directory.find_user(*context.key.application, folded);
  }
  for (const auth::AccountSlot* account : context.api().accounts) {
    if (const auth::UserRecord* user = directory.find_user(account->id, folded)) {
      return {user, nullptr};
    }
  }
  return {};
}

}  // namespace sallyport::gateway
