#include "messaging/resources.h"

namespace sallyport::messaging {
namespace {

Object workspace_object(const Workspace& workspace, std::vector<Link> all) {
  Object object;
  object.members.push_back(text("id", workspace.id.hex()));
  object.members.push_back(text("projectName", workspace.project_name));
  object.members.push_back(text("projectNumber", workspace.project_number));
  object.members.push_back(text("status", workspace.status == Status::Active ? "A" : "D"));
  object.members.push_back(text("billingcostcentre", workspace.billing_cost_centre));
  object.members.push_back(links(std::move(all)));
  return object;
}

Link self_link(const Call& call, const Workspace& workspace) {
  return call.link(call.uri_from_root("workspaces/" + workspace.id.hex()), "self");
}

}  // namespace

// Not paginated: an account has a handful, and clients expect all of them.
http::Response list_workspaces(const Call& call, const WorkspaceDirectory& directory) {
  const auto type = call.accepted();
  if (!type) return call.refuse(406);
  const std::vector<Workspace> all = directory.list(call.caller().account);
  if (all.empty()) return call.answer(*type, no_records());
  Document document{.xml_root = "return", .xml_root_in_dap = true};
  List shown{.items = {}, .xml_item = "workspace", .xml_qualified = true};
  for (const Workspace& workspace : all) {
    shown.items.push_back(Node{workspace_object(workspace, {self_link(call, workspace)})});
  }
  document.root.members.push_back(list("workspaces", std::move(shown)));
  add_list_status(document.root, Page{}, all.size(), all.size());
  document.root.members.push_back(links({}));
  document.root.xml_order = {"status", "workspaces", "link"};
  return call.answer(*type, document);
}

http::Response show_workspace(const Call& call, const WorkspaceDirectory& directory,
                              WorkspaceId id) {
  const auto type = call.accepted();
  if (!type) return call.refuse(406);
  const auto workspace = directory.find(call.caller().account, id);
  if (!workspace) return call.refuse(404);
  const std::string messages = call.uri("messages");
  std::vector<Link> all = {self_link(call, *workspace), call.link(messages, "retrieveMessage"),
                           call.link(messages, "createMessage", "POST", "message")};
  Document document{.root = workspace_object(*workspace, std::move(all)),
                    .xml_root = "workspace",
                    .prefixes = Prefixes::ApiFirst};
  return call.answer(*type, document);
}

}  // namespace sallyport::messaging
