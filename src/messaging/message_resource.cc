#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <iterator>

#include "base/encoding.h"
#include "messaging/list_window.h"
#include "messaging/message_schedule.h"
#include "messaging/resources.h"

namespace sallyport::messaging {
namespace {

constexpr std::string_view kPassedOn[] = {"viewType",         "label",          "criteriaFromDate",
                                          "criteriaFromTime", "criteriaToDate", "criteriaToTime"};

// Names an instance inside the system; never an address for mail.
std::string user_mri(const Call& call, const Message& message) {
  std::string local = message.username;
  std::ranges::replace(local, ' ', '_');
  const std::string& domain = call.config().messaging.mri_domain_user;
  if (!domain.empty()) return local + "@" + domain;
  return local + "@user." + ascii_lower(message.account.hex()) + ".invalid";
}

std::string uri_of(const Call& call, const Message& message) {
  return call.resource("messages/" + message.id.hex());
}

Link self_link(const Call& call, const Message& message) {
  return call.link(call.with_query(uri_of(call, message)), "self");
}

std::vector<Link> message_links(const Call& call, const Message& message) {
  struct Sub {
    std::string_view below;
    std::string_view query;
    std::string_view rel;
  };
  static constexpr Sub kSubs[] = {
      {"", "", "self"},
      {"/messagestatus", "view=summary", "summaryStatus"},
      {"/messagestatus", "view=detailed", "detailedStatus"},
      {"/messageresponses", "view=summary&filter=default", "summaryResponses"},
      {"/messageresponses", "view=detailed&filter=default", "detailedResponses"},
      {"/messageresponses", "view=summary&filter=responserule", "summaryResponsesWithResponseRule"},
      {"/messageresponses", "view=detailed&filter=responserule",
       "detailedResponsesWithResponseRule"},
  };
  const std::string base = uri_of(call, message);
  std::vector<Link> all;
  all.reserve(std::size(kSubs));
  for (const Sub& sub : kSubs) {
    all.push_back(call.link(call.with_query(base, sub.below, sub.query), sub.rel));
  }
  return all;
}

Object list_item(const Call& call, const Message& message) {
  Object object;
  object.members.push_back(text("subject", message.content.subject));
  object.members.push_back(text("to", message.content.to));
  add_repetition(object, {});
  object.members.push_back(text("from", message.from_name));
  object.members.push_back(text("direction", "OUTGOING"));
  object.members.push_back(text("responseCount", "0"));
  object.members.push_back({"createdTime", Node{call.time(message.created_us)}});
  object.members.push_back(links({self_link(call, message)}));
  for (const std::string_view name : {"whatsappValidMessage", "validBody", "validSubject"}) {
    object.members.push_back(flag(name, true, Shown::JsonOnly));
  }
  return object;
}

Object receipts_object(Receipts receipts) {
  Object object;
  for (const std::string_view name : {"period", "rule"}) object.members.push_back(text(name, ""));
  object.members.push_back(text("type", std::string(to_string(receipts))));
  object.members.push_back(flag("publishToWeb", false));
  for (const std::string_view name : {"expiryDay", "expiryHour", "expiryMin"}) {
    object.members.push_back(number(name, 0));
  }
  object.members.push_back(text("feedIds", ""));
  object.members.push_back(flag("bool", false));
  return object;
}

// Without the attachments' content, which is write-only.
Object email_object(const EmailPart& email) {
  Object object;
  object.members.push_back(text("body", email.body));
  if (!email.footer.empty()) object.members.push_back(text("footer", email.footer));
  object.members.push_back(text("type", email.type));
  if (email.attachments.empty()) return object;
  List attachments{.items = {}, .xml_item = "attachment", .xml_wrapped = false};
  for (const Attachment& one : email.attachments) {
    Object shown;
    shown.members.push_back(text("attachmentName", one.name));
    shown.members.push_back(text("attachmentDesc", one.description));
    attachments.items.push_back(Node{std::move(shown)});
  }
  Object resources;
  resources.members.push_back(list("attachment", std::move(attachments)));
  object.members.push_back(messaging::object("resources", std::move(resources)));
  return object;
}

Document message_document(const Call& call, const Message& message) {
  const MessageContent& content = message.content;
  Document document{.xml_root = "message", .prefixes = Prefixes::ApiFirst};
  auto& members = document.root.members;
  members.reserve(24);
  members.push_back(text("to", content.to));
  members.push_back(text("subject", content.subject));
  members.push_back(text("body", content.body));
  // The XML form leaves out what says nothing.
  members.push_back(
      text("label", content.label, content.label.empty() ? Shown::JsonOnly : Shown::Both));
  members.push_back(text("type", std::string(to_string(content.type)),
                         content.type == MessageType::Default ? Shown::JsonOnly : Shown::Both));
  add_repetition(document.root, message.repetition);
  if (message.not_before_us != 0) {
    members.push_back(text("messageType", "SCHEDULED"));
    members.push_back(text("scheduleType", message.repetition.count > 0 ? "REPEAT" : "ONCE"));
    members.push_back(text("scheduleDate", schedule_date(message.not_before_us, call.time_zone())));
  }
  members.push_back(object("dlr", receipts_object(content.receipts),
                           content.receipts == Receipts::Unsaid ? Shown::JsonOnly : Shown::Both));
  members.push_back(object("email", content.email ? email_object(*content.email) : Object{},
                           content.email ? Shown::Both : Shown::JsonOnly));
  members.push_back(object("voice", {}));
  members.push_back(object("web", {}, Shown::JsonOnly));
  members.push_back(text("from", user_mri(call, message)));
  members.push_back(text("direction", "OUTGOING"));
  members.push_back(text("responseCount", "0"));
  members.push_back(object("social", {}));
  members.push_back({"createdTime", Node{call.time(message.created_us)}});
  members.push_back(links(message_links(call, message)));
  return document;
}

Link page_link(const Call& call, std::int64_t offset, const Page& page, std::string_view rel) {
  QueryParts query = {{"offset", std::to_string(offset)}, {"limit", std::to_string(page.limit)}};
  for (const std::string_view name : kPassedOn) {
    if (const auto value = call.request().query_value(name)) {
      query.emplace_back(name, std::string(*value));
    }
  }
  return call.link(call.uri("messages", query), rel);
}

}  // namespace

void add_repetition(Object& object, const Repetition& repetition) {
  const bool plain = repetition.count == 0;
  const auto add = [&](std::string_view name, std::int32_t value) {
    object.members.push_back(number(name, value, plain ? Shown::JsonOnly : Shown::Both));
  };
  add("repetitionCount", repetition.count);
  add("repeatDays", repetition.days);
  add("repeatHrs", repetition.hours);
  add("repeatMin", repetition.minutes);
}

Result<http::Response> list_messages(const Call& call, MessageStore& store, const Clock& clock,
                                     WorkspaceId workspace) {
  const auto type = call.accepted();
  if (!type) return call.refuse(406);
  const auto page = page_of(call.request());
  if (!page) return call.refuse(422, "The parameters limit and offset must be numbers");
  auto window = list_window_of(call.request(), clock.unix_us(), call.time_zone());
  if (!window) return call.refuse(422, window.error());
  const ListQuery query{.account = call.caller().account,
                        .workspace = workspace,
                        .user = window->all_users ? UserId{} : call.caller().user,
                        .from_us = window->from_us,
                        .to_us = window->to_us,
                        .label = std::move(window->label),
                        .offset = page->offset,
                        .limit = page->limit + 1};  // one more tells whether there is a next page
  auto found = store.list(query);
  if (!found) return std::unexpected(found.error());
  if (found->empty()) return call.answer(*type, no_records());
  const bool more = found->size() > static_cast<std::size_t>(page->limit);
  if (more) found->resize(static_cast<std::size_t>(page->limit));

  Document document{.xml_root = "return", .xml_root_in_dap = true};
  List shown{.items = {}, .xml_item = "message", .xml_qualified = true};
  for (const Message& message : *found) shown.items.push_back(Node{list_item(call, message)});
  document.root.members.push_back(list("messages", std::move(shown)));
  document.root.members.push_back(text("status", ""));
  std::vector<Link> pages;
  if (more) pages.push_back(page_link(call, page->offset + page->limit, *page, "next"));
  if (page->offset > 0) {
    const std::int64_t before = std::max<std::int64_t>(page->offset - page->limit, 0);
    pages.push_back(page_link(call, before, *page, "prev"));
  }
  document.root.members.push_back(links(std::move(pages)));
  document.root.xml_order = {"status", "messages", "link"};
  return call.answer(*type, document);
}

Result<http::Response> show_message(const Call& call, MessageStore& store, WorkspaceId workspace) {
  const auto type = call.accepted();
  if (!type) return call.refuse(406);
  const auto id = MessageId::parse(call.path().message);
  if (!id) return call.refuse(404);
  const auto found = store.find(call.caller().account, workspace, *id, true);
  if (!found) return std::unexpected(found.error());
  if (!*found) return call.refuse(404);
  http::Response response = call.answer(*type, message_document(call, **found));
  // Sixty-four bits tell one's own versions of one message apart; nothing rests on more.
  const std::uint64_t version = std::hash<std::string_view>{}(response.body);
  response.head.add("ETag", "W/\"" + hex_upper(version) + "\"");
  return response;
}

}  // namespace sallyport::messaging
