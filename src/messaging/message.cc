#include "messaging/message.h"

namespace sallyport::messaging {

std::string_view to_string(MessageClass kind) {
  return kind == MessageClass::Marketing ? "marketing" : "transactional";
}

std::string_view to_string(MessageType type) {
  switch (type) {
    case MessageType::Default: return "default";
    case MessageType::DefaultNoReply: return "defaultNoReply";
    case MessageType::NoDlr: return "noDlr";
  }
  return "default";
}

std::string_view to_string(Receipts receipts) {
  switch (receipts) {
    case Receipts::Unsaid: return "";
    case Receipts::None: return "NoDlr";
    case Receipts::Delivered: return "ReportDelivered";
  }
  return "";
}

bool wants_receipts(const MessageContent& content) {
  return content.type != MessageType::NoDlr && content.receipts != Receipts::None;
}

std::string_view to_string(ChannelKind kind) {
  return kind == ChannelKind::Email ? "email" : "sms";
}

std::string_view to_string(DeliveryState state) {
  switch (state) {
    case DeliveryState::Pending: return "pending";
    case DeliveryState::Attempting: return "attempting";
    case DeliveryState::Deferred: return "deferred";
    case DeliveryState::Sent: return "sent";
    case DeliveryState::Delivered: return "delivered";
    case DeliveryState::Read: return "read";
    case DeliveryState::Failed: return "failed";
    case DeliveryState::InDoubt: return "in_doubt";
  }
  return "pending";
}

std::string_view client_word(DeliveryState state) {
  switch (state) {
    case DeliveryState::Pending:
    case DeliveryState::Attempting:
    case DeliveryState::Deferred: return "PENDING";
    case DeliveryState::Sent: return "SENT";
    case DeliveryState::Delivered: return "DELIVRD";
    case DeliveryState::Read: return "READ";
    case DeliveryState::Failed: return "FAILED";
    // The next hop was given every byte: clients know no word that is nearer.
    case DeliveryState::InDoubt: return "SENT";
  }
  return "PENDING";
}

std::string sms_text(const MessageContent& content) {
  return content.body.empty() ? content.subject : content.subject + '\n' + content.body;
}

bool is_final(DeliveryState state) {
  switch (state) {
    case DeliveryState::Pending:
    case DeliveryState::Attempting:
    case DeliveryState::Deferred: return false;
    case DeliveryState::Sent:
    case DeliveryState::Delivered:
    case DeliveryState::Read:
    case DeliveryState::Failed:
    case DeliveryState::InDoubt: return true;
  }
  return false;
}

}  // namespace sallyport::messaging
