#include "messaging/resources.h"

namespace sallyport::messaging {

// Only what is built is linked: a client that follows a link must arrive.
http::Response show_root(const Call& call) {
  const auto type = call.accepted();
  if (!type) return call.refuse(406);
  Document document{.xml_root = "company"};
  document.root.members.push_back(text("id", call.caller().account.hex()));
  std::vector<Link> all;
  all.push_back(call.link(call.uri_from_root("workspaces"), "retrieveWorkspaces"));
  all.push_back(call.link(call.uri_from_root("messages"), "retrieveMessage"));
  all.push_back(call.link(call.uri_from_root("messages"), "createMessage", "POST", "message"));
  document.root.members.push_back(links(std::move(all)));
  return call.answer(*type, document);
}

}  // namespace sallyport::messaging
