// What must hold for every body that a reader has accepted, shared by the targets of JSON and XML.
// A broken invariant ends the process.
#pragma once

#include <string>
#include <vector>

#include "base/encoding.h"
#include "base/result.h"
#include "messaging/address.h"
#include "messaging/document.h"
#include "messaging/input_value.h"
#include "messaging/message_input.h"
#include "messaging/mime.h"
#include "messaging/text.h"
#include "messaging/xml_scan.h"

namespace sallyport::fuzz {

inline void check_value(const messaging::InputValue& value, std::size_t depth) {
  SALLYPORT_CHECK(depth <= 70);
  SALLYPORT_CHECK(is_utf8(value.text));
  for (std::size_t i = 0; i < value.members.size(); ++i) {
    SALLYPORT_CHECK(is_utf8(value.members[i].name));
    // A name stands once: what find() answers is this very member.
    SALLYPORT_CHECK(value.find(value.members[i].name) == &value.members[i].value);
    check_value(value.members[i].value, depth + 1);
  }
  for (const auto& item : value.items) check_value(item, depth + 1);
}

inline void check_mail(const std::string& mail) {
  for (std::size_t i = 0; i < mail.size(); ++i) {
    SALLYPORT_CHECK(mail[i] != '\0');
    if (mail[i] == '\n') SALLYPORT_CHECK(i > 0 && mail[i - 1] == '\r');
    if (mail[i] == '\r') SALLYPORT_CHECK(i + 1 < mail.size() && mail[i + 1] == '\n');
  }
}

inline void check_body(const messaging::InputValue& input, std::size_t size) {
  check_value(input, 0);
  auto accepted = messaging::read_message(input, {.raw_bytes = size});
  if (!accepted) {
    SALLYPORT_CHECK(!accepted.error().text.empty());
    return;
  }
  SALLYPORT_CHECK(!accepted->recipients.empty());
  for (const auto& one : accepted->recipients) {
    SALLYPORT_CHECK(messaging::is_email_address(one.destination));
  }
  messaging::Message message;
  message.content = accepted->content;
  const auto mail = messaging::write_mail(message, "from@example.org",
                                          {accepted->recipients.front().destination});
  SALLYPORT_CHECK(mail.has_value());
  check_mail(*mail);

  messaging::Document document{.xml_root = "message"};
  document.root.members.push_back(messaging::text("subject", accepted->content.subject));
  document.root.members.push_back(messaging::text("body", accepted->content.body));
  const auto xml = messaging::render(document, messaging::Format::Xml);
  SALLYPORT_CHECK(messaging::scan_xml(xml).has_value());
  SALLYPORT_CHECK(is_utf8(messaging::render(document, messaging::Format::Json)));
}

}  // namespace sallyport::fuzz
