#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "messaging/resources.h"

namespace sallyport::messaging {
namespace {

enum Category : std::size_t { kSent, kPending, kReceived, kAcknowledged, kUndeliverable, kCount };
constexpr std::array<std::string_view, kCount> kNames = {"Sent", "Pending", "Received",
                                                         "Acknowledged", "Undeliverable"};

Category category_of(DeliveryState state) {
  switch (state) {
    case DeliveryState::Pending:
    case DeliveryState::Attempting:
    case DeliveryState::Deferred: return kPending;
    case DeliveryState::Sent:
    case DeliveryState::InDoubt: return kSent;
    case DeliveryState::Delivered: return kReceived;
    case DeliveryState::Read: return kAcknowledged;
    case DeliveryState::Failed: return kUndeliverable;
  }
  return kPending;
}

std::string info_of(const Recipient& recipient) {
  std::string info;
  switch (recipient.state) {
    case DeliveryState::Pending: info = "Waiting to be sent."; break;
    case DeliveryState::Attempting: info = "Being sent."; break;
    case DeliveryState::Deferred: info = "Not sent yet, to be tried again."; break;
    case DeliveryState::Sent: info = "Message sent."; break;
    case DeliveryState::Delivered: info = "Message received by device."; break;
    case DeliveryState::Read: info = "Message read."; break;
    case DeliveryState::Failed: info = "Message could not be delivered."; break;
    case DeliveryState::InDoubt:
      info = "Message sent, but the mail server did not confirm it.";
      break;
  }
  if (recipient.last_code != 0) info += fmt::format(" {}", recipient.last_code);
  if (!recipient.last_text.empty()) info += " " + recipient.last_text;
  return info;
}

std::string self_uri(const Call& call, const Message& message, std::string_view view) {
  return call.uri("messages/" + message.id.hex() + "/messagestatus", {{"view", std::string(view)}});
}

Document summary(const Call& call, const Message& message) {
  std::array<std::int64_t, kCount> counts{};
  for (const Recipient& recipient : message.recipients) ++counts[category_of(recipient.state)];
  const auto total = static_cast<double>(std::max<std::size_t>(message.recipients.size(), 1));
  List categories{.items = {}, .xml_item = "status", .xml_attribute = "name"};
  for (std::size_t i = 0; i < kCount; ++i) {
    const double share = 100.0 * static_cast<double>(counts[i]) / total;
    Object one;
    one.members.push_back(text("name", std::string(kNames[i])));
    one.members.push_back(number("recipientCount", counts[i]));
    one.members.push_back(text("percentageTotal", fmt::format("{:.1f}%", share)));
    one.xml_order = {"percentageTotal", "recipientCount"};
    categories.items.push_back(Node{std::move(one)});
  }
  Object status;
  status.members.push_back(links({call.link(self_uri(call, message, "summary"), "self")}));
  status.members.push_back(list("categories", std::move(categories)));
  List statuses{.items = {}, .xml_item = "messageStatus", .xml_qualified = true};
  statuses.items.push_back(Node{std::move(status)});
  Document document{.xml_root = "return", .xml_root_in_dap = true};
  document.root.members.push_back(list("messageStatuses", std::move(statuses)));
  document.root.members.push_back(links({}));
  return document;
}

// One entry per channel, as clients know them; only the recipient's own says something.
Object channel_status(const Call& call, std::string_view channel, const Recipient& recipient) {
  const bool own = channel == to_string(recipient.channel);
  Object one;
  one.members.push_back(text("type", std::string(channel)));
  one.members.push_back(text("status", own ? std::string(client_word(recipient.state)) : ""));
  one.members.push_back(text("destination", own ? recipient.destination : ""));
  const auto add_time = [&](std::string_view name, std::int64_t unix_us) {
    if (own && unix_us != 0) one.members.push_back({name, Node{call.time(unix_us)}});
  };
  add_time("sentTimestamp", recipient.sent_us);
  add_time("receivedTimestamp", recipient.delivered_us);
  add_time("undeliverableTimestamp", recipient.failed_us);
  one.xml_order = {"destination", "receivedTimestamp", "sentTimestamp", "status",
                   "undeliverableTimestamp"};
  return one;
}

Object recipient_status(const Call& call, const Message& message, const Recipient& recipient) {
  List channels{.items = {}, .xml_item = "status", .xml_wrapped = false, .xml_attribute = "type"};
  for (const std::string_view channel : {"email", "sms", "voice"}) {
    channels.items.push_back(Node{channel_status(call, channel, recipient)});
  }
  Object object;
  object.members.push_back(text("name", recipient.destination));
  object.members.push_back(text("info", info_of(recipient)));
  object.members.push_back(links({call.link(self_uri(call, message, "detailed"), "self")}));
  object.members.push_back(list("status", std::move(channels)));
  object.xml_order = {"link", "status", "info", "name"};
  return object;
}

Document detailed(const Call& call, const Message& message, const Page& page) {
  const auto total = message.recipients.size();
  const auto first = static_cast<std::size_t>(page.offset);
  if (first >= total) return no_records();
  const std::size_t last = std::min(total, first + static_cast<std::size_t>(page.limit));
  List statuses{.items = {}, .xml_item = "messageStatus", .xml_qualified = true};
  for (std::size_t i = first; i < last; ++i) {
    statuses.items.push_back(Node{recipient_status(call, message, message.recipients[i])});
  }
  const auto page_link = [&](std::int64_t offset, std::string_view rel) {
    return call.link(call.uri("messages/" + message.id.hex() + "/messagestatus",
                              {{"view", "detailed"},
                               {"offset", std::to_string(offset)},
                               {"limit", std::to_string(page.limit)}}),
                     rel);
  };
  std::vector<Link> pages;
  if (last < total) pages.push_back(page_link(page.offset + page.limit, "next"));
  if (page.offset > 0) {
    pages.push_back(page_link(std::max<std::int64_t>(page.offset - page.limit, 0), "prev"));
  }
  Document document{.xml_root = "return", .xml_root_in_dap = true};
  document.root.members.push_back(list("messageStatuses", std::move(statuses)));
  add_list_status(document.root, page, last - first, total);
  document.root.members.push_back(links(std::move(pages)));
  document.root.xml_order = {"status", "messageStatuses", "link"};
  return document;
}

}  // namespace

Result<http::Response> show_status(const Call& call, MessageStore& store, WorkspaceId workspace) {
  const auto type = call.accepted();
  if (!type) return call.refuse(406);
  const auto id = MessageId::parse(call.path().message);
  if (!id) return call.refuse(404);
  const auto found = store.find(call.caller().account, workspace, *id, false);
  if (!found) return std::unexpected(found.error());
  if (!*found) return call.refuse(404);
  const auto view = call.request().query_value("view").value_or("summary");
  if (view != "summary" && view != "detailed" && !view.empty()) {
    return call.refuse(422, "The parameter view must be summary or detailed");
  }
  const auto page = page_of(call.request());
  if (!page) return call.refuse(422, "The parameters limit and offset must be numbers");
  return call.answer(*type,
                     view == "detailed" ? detailed(call, **found, *page) : summary(call, **found));
}

}  // namespace sallyport::messaging
