#include "messaging/message_input.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <span>
#include <unordered_set>

#include "base/encoding.h"
#include "messaging/message_receipts.h"
#include "messaging/message_schedule.h"
#include "messaging/text.h"

namespace sallyport::messaging {
namespace {

using Kind = InputValue::Kind;
using Refused = std::optional<InputRefusal>;

constexpr std::size_t kShown = 80;  // bytes of a client's value in an answer

InputRefusal refuse(std::string text) { return {422, std::move(text)}; }

// The fields whose feature is not built, and what it is called.
struct Unbuilt {
  std::string_view field;
  std::string_view feature;
};
constexpr Unbuilt kUnbuilt[] = {
    {"messageTemplateId", "Templates are"},
    {"messageTemplateName", "Templates are"},
    {"whatsapp", "The WhatsApp channel is"},
    {"rcs", "The RCS channel is"},
    {"mms", "The MMS channel is"},
    {"eventId", "Events are"},
    {"callbackId", "Callbacks are"},
    {"resource", "Bulk messages are"},
    {"messageattributes", "Message attributes are"},
};

// Channels that classic clients always name: what makes them more than empty.
struct UnbuiltChannel {
  std::string_view field;
  std::string_view feature;
  std::vector<std::string_view> content;
};
const std::vector<UnbuiltChannel>& unbuilt_channels() {
  static const std::vector<UnbuiltChannel> channels = {
      {"voice", "The voice channel is", {"header", "body", "footer", "other", "resources"}},
      {"web", "The web channel is", {"body"}},
  };
  return channels;
}

class Reader {
 public:
  Reader(const InputValue& input, const InputRules& rules) : input_(input), rules_(rules) {}

  std::expected<AcceptedMessage, InputRefusal> run() {
    for (const auto step :
         {&Reader::unbuilt, &Reader::kind, &Reader::sender, &Reader::texts, &Reader::email,
          &Reader::content, &Reader::size, &Reader::length, &Reader::recipients}) {
      if (Refused refused = (this->*step)()) return std::unexpected(std::move(*refused));
    }
    return std::move(out_);
  }

 private:
  static InputRefusal not_built(std::string_view feature, std::string_view field) {
    return refuse(fmt::format("{} not supported yet: leave the field \"{}\" out", feature, field));
  }

  Refused unbuilt() {
    for (const auto& [field, feature] : kUnbuilt) {
      const InputValue* value = input_.find(field);
      if (value != nullptr && !value->is_blank()) return not_built(feature, field);
    }
    for (const auto& [field, feature, content] : unbuilt_channels()) {
      const InputValue* value = input_.find(field);
      if (value == nullptr || value->is_blank()) continue;
      if (value->kind != Kind::Object) return not_built(feature, field);
      for (const std::string_view name : content) {
        const InputValue* inner = value->find(name);
        if (inner != nullptr && !inner->is_blank()) return not_built(feature, field);
      }
    }
    return social();
  }

  // {"social":[{"id":"social","body":"","type":"text/plain"}]}, or the list itself.
  Refused social() {
    const InputValue* value = input_.find("social");
    if (value == nullptr) return std::nullopt;
    const InputValue* many = value->find("social");
    for (const InputValue& one : items_of(many != nullptr ? *many : *value)) {
      const InputValue* body = one.find("body");
      const bool silent =
          one.kind == Kind::Object ? body == nullptr || body->is_blank() : one.is_blank();
      if (!silent) return not_built("Social channels are", "social");
    }
    return std::nullopt;
  }

  Refused kind() {
    if (auto read = read_schedule(input_, rules_, out_); !read) {
      return refuse(std::move(read.error()));
    }
    std::string purpose;
    if (auto refused = take(input_, "messageClass", purpose)) return refused;
    if (equal_ascii_case(purpose, "marketing")) {
      out_.kind = MessageClass::Marketing;
    } else if (!purpose.empty() && !equal_ascii_case(purpose, "transactional")) {
      return refuse("The field \"messageClass\" must be transactional or marketing");
    }
    const auto read = read_receipts(input_, out_.content);
    return read ? Refused() : refuse(read.error());
  }

  // Of `features` only the alias is built.
  Refused sender() {
    if (auto refused = take_line(input_, "from", out_.from)) return refused;
    const InputValue* features = input_.find("features");
    if (features == nullptr || features->is_blank()) return std::nullopt;
    if (features->kind != Kind::Object) return refuse("The field \"features\" must be an object");
    for (const InputMember& member : features->members) {
      if (member.name != "aliasOption" && !member.value.is_blank()) {
        return not_built("This feature is", "features." + member.name);
      }
    }
    const InputValue* alias = features->find("aliasOption");
    if (alias == nullptr || alias->is_blank()) return std::nullopt;
    return take_line(*alias, "aliasName", out_.alias, "features.aliasOption");
  }

  // RFC 8058 wants https; what a mailbox's button opens must not be anything else either.
  Refused opt_out(const InputValue& email, EmailPart& part) {
    const InputValue* option = email.find("optOutOption");
    if (option == nullptr || option->is_blank()) return std::nullopt;
    std::string page;
    std::string one_click;
    if (auto refused = take_line(*option, "rmsUnsubscribeUrl", page, "optOutOption")) {
      return refused;
    }
    if (auto refused = take_line(*option, "oneClickApiMapping", one_click, "optOutOption")) {
      return refused;
    }
    const bool is_url = one_click.starts_with("https://");
    part.unsubscribe_url = is_url ? one_click : page;
    part.one_click =
        is_url || equal_ascii_case(one_click, "true") || equal_ascii_case(one_click, "enabled");
    if (!is_unsubscribe_url(part.unsubscribe_url)) {
      return refuse(
          "The field \"email.optOutOption\" must name a https URL of at most 900 "
          "printable characters");
    }
    out_.kind = MessageClass::Marketing;
    return std::nullopt;
  }

  Refused texts() {
    MessageContent& content = out_.content;
    if (auto refused = take_line(input_, "subject", content.subject)) return refused;
    if (auto refused = take_line(input_, "label", content.label)) return refused;
    if (auto refused = take(input_, "body", content.body)) return refused;
    if (trim_ascii(content.subject).empty()) return refuse("The field \"subject\" is required");
    if (count_code_points(content.label) > kMaxLabel) {
      return refuse(fmt::format("The field \"label\" has more than {} characters", kMaxLabel));
    }
    return std::nullopt;
  }

  Refused email() {
    const InputValue* value = input_.find("email");
    if (value == nullptr || value->is_blank()) return std::nullopt;
    if (value->kind != Kind::Object) return refuse("The field \"email\" must be an object");
    EmailPart part;
    if (auto refused = opt_out(*value, part)) return refused;
    if (auto refused = take(*value, "body", part.body, "email.body")) return refused;
    if (auto refused = take(*value, "footer", part.footer, "email.footer")) return refused;
    std::string type;
    if (auto refused = take(*value, "type", type, "email.type")) return refused;
    if (!type.empty()) {
      part.type = ascii_lower(trim_ascii(std::string_view(type).substr(0, type.find(';'))));
      if (part.type != "text/plain" && part.type != "text/html") {
        return refuse("The field \"email.type\" must be text/plain or text/html");
      }
    }
    if (auto refused = attachments(*value, part)) return refused;
    // An object that only names a type says nothing.
    if (trim(part.body).empty() && part.footer.empty() && part.attachments.empty()) {
      return std::nullopt;
    }
    // The same fallback as without the object: a mail needs a text.
    if (trim(part.body).empty()) {
      part.body = out_.content.body;
      part.type = "text/plain";
    }
    out_.content.email = std::move(part);
    return std::nullopt;
  }

  Refused attachments(const InputValue& email, EmailPart& part) {
    const InputValue* resources = email.find("resources");
    if (resources == nullptr || resources->is_blank()) return std::nullopt;
    if (resources->kind != Kind::Object) {
      return refuse("The field \"email.resources\" must be an object");
    }
    std::size_t total = 0;
    for (const std::string_view name : {"attachment", "attachments"}) {
      const InputValue* value = resources->find(name);
      if (value == nullptr || value->is_blank()) continue;
      for (const InputValue& one : items_of(*value)) {
        if (part.attachments.size() == kMaxAttachments) {
          return refuse(fmt::format("There are more than {} attachments", kMaxAttachments));
        }
        if (auto refused = attachment(one, part, total)) return refused;
      }
    }
    return std::nullopt;
  }

  Refused attachment(const InputValue& value, EmailPart& part, std::size_t& total) {
    const std::string where = fmt::format("attachment {}", part.attachments.size() + 1);
    if (value.kind != Kind::Object) {
      return refuse(fmt::format("The {} must be an object", where));
    }
    Attachment one;
    std::string coded;
    if (auto refused = take_line(value, "attachmentName", one.name, where)) return refused;
    if (auto refused = take_line(value, "attachmentDesc", one.description, where)) return refused;
    if (auto refused = take(value, "derefUri", coded, where + ": derefUri")) return refused;
    if (trim_ascii(one.name).empty()) {
      return refuse(fmt::format("The {} has no \"attachmentName\"", where));
    }
    if (one.name.size() > kMaxAttachmentName) {
      return refuse(
          fmt::format("The name of {} has more than {} bytes", where, kMaxAttachmentName));
    }
    if (coded.empty()) return refuse(fmt::format("The {} has no \"derefUri\"", where));
    auto decoded = base64_decode_lenient(coded);
    if (!decoded) return refuse(fmt::format("The \"derefUri\" of {} is not base64", where));
    total += decoded->size();
    if (total > kMaxAttachmentBytes) return refuse("The attachments have more than 10 MB together");
    one.content = std::move(*decoded);
    part.attachments.push_back(std::move(one));
    return std::nullopt;
  }

  Refused content() {
    const MessageContent& content = out_.content;
    const bool mail = content.email && !trim(content.email->body).empty();
    if (!mail && trim(content.body).empty()) {
      return refuse("At least one of \"body\" and \"email\" must hold a text");
    }
    return std::nullopt;
  }

  Refused size() {
    const auto& email = out_.content.email;
    if (rules_.raw_bytes <= rules_.message_bytes || (email && !email->attachments.empty())) {
      return std::nullopt;
    }
    return InputRefusal{
        413, fmt::format("A message without attachments may have {} bytes", rules_.message_bytes)};
  }

  Refused length() {  // behind the size: what is too large is told so
    const MessageContent& content = out_.content;
    const bool gsm = is_gsm_text(content.subject) && is_gsm_text(content.body);
    const std::size_t most = gsm ? kMaxGsmText : kMaxOtherText;
    const std::size_t length = count_code_points(content.subject) + count_code_points(content.body);
    if (length <= most) return std::nullopt;
    return refuse(fmt::format(
        "Subject and body have {} characters together, more than the {} that are allowed {}",
        length, most, gsm ? "in the GSM alphabet" : "outside the GSM alphabet"));
  }

  Refused recipients() {
    std::string& to = out_.content.to;
    if (auto refused = take_line(input_, "to", to)) return refused;
    if (count_code_points(to) > kMaxTo) {
      return refuse(fmt::format("The field \"to\" has more than {} characters", kMaxTo));
    }
    std::unordered_set<std::string> seen;
    for (const std::string_view one : split_recipients(to)) {
      if (is_phone_number(one)) {
        if (auto refused = phone(one, seen)) return refused;
        continue;
      }
      if (one.find('@') == std::string_view::npos) {
        return refuse(
            fmt::format("The recipient \"{}\" is neither an email address nor a phone number "
                        "with its country like +61400400400",
                        excerpt(one, kShown)));
      }
      if (const auto why = why_no_email_address(one)) {
        return refuse(fmt::format("The recipient \"{}\" is no email address: it {}",
                                  excerpt(one, kShown), *why));
      }
      if (rules_.reserved.contains(domain_of(one))) {
        return refuse(fmt::format("The recipient \"{}\" names nobody: its domain is reserved",
                                  excerpt(one, kShown)));
      }
      std::string address = normalize_address(one);
      if (!seen.insert(address).second) continue;
      Recipient& recipient = out_.recipients.emplace_back();
      recipient.index = static_cast<std::int32_t>(out_.recipients.size());
      recipient.channel = ChannelKind::Email;
      recipient.destination = std::move(address);
    }
    if (out_.recipients.empty()) return refuse("The field \"to\" names no recipient");
    return std::nullopt;
  }

  // A number's country must be open: premium numbers cost.
  Refused phone(std::string_view text, std::unordered_set<std::string>& seen) {
    if (!rules_.phones) {
      return refuse("No SMS channel is configured: phone numbers cannot be recipients");
    }
    auto number = normalize_phone(text, rules_.country);
    if (!number) {
      return refuse(
          fmt::format("The recipient \"{}\" is a phone number without its country: "
                      "write it like +61400400400",
                      excerpt(text, kShown)));
    }
    const bool open = rules_.any_country ||
                      std::ranges::any_of(rules_.open_countries, [&](const std::string& prefix) {
                        return number->starts_with(prefix);
                      });
    if (!open) {
      return refuse(
          fmt::format("The recipient \"{}\" is in a country that is not open for this "
                      "account",
                      excerpt(text, kShown)));
    }
    if (!seen.insert(*number).second) return std::nullopt;
    Recipient& recipient = out_.recipients.emplace_back();
    recipient.index = static_cast<std::int32_t>(out_.recipients.size());
    recipient.channel = ChannelKind::Sms;
    recipient.destination = std::move(*number);
    return std::nullopt;
  }

  // Scalars as text; absent and null leave `out` empty.
  Refused take(const InputValue& object, std::string_view name, std::string& out,
               std::string_view shown = {}) {
    const InputValue* value = object.find(name);
    if (value == nullptr || value->kind == Kind::Null) return std::nullopt;
    if (shown.empty()) shown = name;
    // XML cannot tell an empty object from an empty text, and some JSON clients do not either.
    if (value->kind == Kind::Object && value->members.empty()) return std::nullopt;
    if (!value->is_scalar()) return refuse(fmt::format("The field \"{}\" must be a text", shown));
    if (value->text.find('\0') != std::string::npos) {
      return refuse(fmt::format("The field \"{}\" must not hold a NUL", shown));
    }
    out = value->text;
    return std::nullopt;
  }

  Refused take_line(const InputValue& object, std::string_view name, std::string& out,
                    std::string_view where = {}) {
    const std::string shown =
        where.empty() ? std::string(name) : fmt::format("{}: {}", where, name);
    if (auto refused = take(object, name, out, shown)) return refused;
    if (has_control(out)) {
      return refuse(
          fmt::format("The field \"{}\" must not hold line breaks or other control "
                      "characters",
                      shown));
    }
    return std::nullopt;
  }

  // XML cannot tell a list of one from one.
  static std::span<const InputValue> items_of(const InputValue& value) {
    if (value.kind == Kind::Array) return value.items;
    return {&value, 1};
  }

  static std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    return first == std::string_view::npos ? std::string_view() : text.substr(first);
  }

  const InputValue& input_;
  const InputRules& rules_;
  AcceptedMessage out_;
};

}  // namespace

std::expected<AcceptedMessage, InputRefusal> read_message(const InputValue& input,
                                                          const InputRules& rules) {
  return Reader(input, rules).run();
}

}  // namespace sallyport::messaging
