#include "limit/rule.h"

namespace sallyport::limit {

std::string_view to_string(Holder holder) {
  switch (holder) {
    case Holder::Api: return "api";
    case Holder::Account: return "account";
    case Holder::Subscription: return "subscription";
    case Holder::Operation: return "operation";
    case Holder::Key: return "key";
    case Holder::User: return "user";
    case Holder::Source: return "source";
  }
  return "subscription";
}

}  // namespace sallyport::limit
