#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "admin/answers.h"
#include "admin/dns_text.h"
#include "admin/secrets_directory.h"
#include "admin/verbs.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "messaging/address.h"
#include "messaging/dkim.h"
#include "messaging/outgoing_mail.h"

namespace sallyport::admin {
namespace {

constexpr std::size_t kTokenDigits = 20;
constexpr std::size_t kMaxSmsName = 11;  // 3GPP TS 23.040 9.1.2.5

// SMS: up to 11 letters and digits, or a number.
bool is_sms_sender(std::string_view text) {
  if (messaging::is_phone_number(text)) return text.starts_with('+');
  return !text.empty() && text.size() <= kMaxSmsName && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ';
  });
}

SenderKind kind_of_value(Run& run, std::string_view value) {
  if (run.has("sms")) return SenderKind::Sms;
  return value.find('@') == std::string_view::npos ? SenderKind::Domain : SenderKind::Address;
}

CommandReply sender_add(Run& run) {
  Sender sender;
  sender.id = make_id<SenderId>(run.random());
  sender.account = run.account_option();
  sender.created_us = run.now_us();
  sender.value = run.subject();
  sender.kind = kind_of_value(run, sender.value);
  switch (sender.kind) {
    case SenderKind::Domain:
      sender.value = ascii_lower(sender.value);
      if (!messaging::is_email_address("x@" + sender.value)) {
        run.refuse(fmt::format("\"{}\" is no domain", run.subject()));
      }
      sender.token = crockford_encode(run.random().below(1ULL << 50U), kTokenDigits / 2) +
                     crockford_encode(run.random().below(1ULL << 50U), kTokenDigits / 2);
      break;
    case SenderKind::Address:
      sender.value = ascii_lower(sender.value);
      if (const auto why = messaging::why_no_email_address(sender.value)) {
        run.refuse(fmt::format("\"{}\" is no email address: it {}", run.subject(), *why));
      }
      break;
    case SenderKind::Sms:
      if (!is_sms_sender(sender.value)) {
        run.refuse(
            fmt::format("\"{}\" is no sender of SMS: up to 11 letters and digits, or a "
                        "number with its country",
                        run.subject()));
      }
      break;
  }
  if (run.failed()) return run.refusal();
  if (run.model().sender(sender.value, sender.account)) {
    run.refuse(fmt::format("the account has the sender \"{}\" already", sender.value));
    return run.refusal();
  }
  CommandReply reply = save(run, sender, "sender.added", sender.account);
  if (reply.exit_code == kDone && sender.kind == SenderKind::Domain) {
    reply.text += fmt::format(
        "put the TXT record \"sallyport-verification={}\" at {}, then: sallyport sender verify "
        "{}\n",
        sender.token, sender.value, sender.id.hex());
  } else if (reply.exit_code == kDone) {
    reply.text += fmt::format("then: sallyport sender verify {} --vouch\n", sender.id.hex());
  }
  return reply;
}

Sender named(Run& run) { return run.take(run.model().sender(run.subject(), run.account_option())); }

// The operator vouches, or the domain's DNS shows the token.
CommandReply sender_verify(Run& run) {
  const Sender sender = named(run);
  if (run.failed()) return run.refusal();
  if (!run.has("vouch")) {
    if (sender.kind != SenderKind::Domain) {
      run.refuse("only a domain can be verified by the DNS: give --vouch");
      return run.refusal();
    }
    const auto texts = run.take(dns_texts(sender.value));
    const std::string wanted = "sallyport-verification=" + sender.token;
    if (!run.failed() && std::ranges::find(texts, wanted) == texts.end()) {
      run.refuse(fmt::format("{} has no TXT record \"{}\"", sender.value, wanted));
    }
    if (run.failed()) return run.refusal();
  }
  return set_status(run, sender, {Status::Waiting, Status::Disabled}, Status::Active,
                    "sender.verified", sender.account);
}

CommandReply sender_disable(Run& run) {
  const Sender sender = named(run);
  return set_status(run, sender, {Status::Waiting, Status::Active}, Status::Disabled,
                    "sender.disabled", sender.account);
}

CommandReply sender_list(Run& run) {
  const AccountId account = run.account_option();
  return list(run, run.model().senders.select(
                       [&](const Sender& one) { return !account || one.account == account; }));
}

CommandReply sender_show(Run& run) { return show(run, named(run)); }

bool is_selector(std::string_view text) {
  return !text.empty() && text.size() <= 63 && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// A new key, of which only the public half is ever shown.
CommandReply sender_dkim(Run& run) {
  Sender sender = named(run);
  if (!run.failed() && sender.kind != SenderKind::Domain) {
    run.refuse("DKIM is of a domain");
  }
  sender.dkim_selector = run.has("selector") ? run.one("selector") : "sallyport";
  sender.dkim_kind = run.has("kind") ? run.one("kind") : "rsa";
  if (!is_selector(sender.dkim_selector)) {
    run.refuse("--selector must be 1 to 63 lower-case letters, digits and dashes");
  }
  if (sender.dkim_kind != "rsa" && sender.dkim_kind != "ed25519") {
    run.refuse("--kind must be rsa or ed25519");
  }
  if (run.failed()) return run.refusal();
  const auto store_key = run.take(load_secret_key(run.services().data_directory, kStoreKey));
  auto pair = run.take(messaging::make_dkim_key(sender.dkim_kind));
  if (run.failed()) return run.refusal();
  sender.dkim_public = pair.public_key;
  sender.dkim_key =
      seal(store_key, pair.private_key.reveal(), messaging::kDkimSealContext, run.random());
  CommandReply reply = save(run, sender, "sender.signs", sender.account);
  if (reply.exit_code == kDone) {
    reply.text +=
        fmt::format("put this TXT record at {}._domainkey.{}:\n{}\n", sender.dkim_selector,
                    sender.value, messaging::dkim_record(sender.dkim_kind, sender.dkim_public));
  }
  return reply;
}

// ---- what an account may send -------------------------------------------------------------------
template <class Number>
void read_limit(Run& run, std::string_view option, std::optional<Number>& out,
                std::string_view none) {
  if (!run.has(option)) return;
  const std::string text = run.one(option);
  if (text == none) {
    out.reset();
    return;
  }
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    run.refuse(fmt::format("--{} must be a number or \"{}\", not \"{}\"", option, none, text));
    return;
  }
  out = value;
}

bool is_prefix(std::string_view text) {
  return text.size() >= 2 && text.size() <= 8 && text.starts_with('+') && text[1] != '0' &&
         std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

CommandReply account_set_sending(Run& run) {
  const Account account = run.take(run.model().account(run.subject()));
  if (run.failed()) return run.refusal();
  SendingRules rules;
  if (const SendingRules* known = run.model().sending_rules.find(account.id)) rules = *known;
  rules.id = account.id;
  if (rules.created_us == 0) rules.created_us = run.now_us();
  read_limit(run, "per-minute", rules.per_minute, "unlimited");
  read_limit(run, "per-day", rules.per_day, "unlimited");
  read_limit(run, "sms-per-day", rules.sms_per_day, "unlimited");
  read_limit(run, "retention-days", rules.retention_days, "default");
  if (rules.retention_days && *rules.retention_days == 0) {
    run.refuse("--retention-days must be 1 or more");
  }
  if (run.has("sms-prefix")) {
    rules.sms_prefixes.clear();
    for (const std::string& one : run.all("sms-prefix")) {
      if (one == "none") continue;
      if (!is_prefix(one))
        run.refuse(fmt::format("--sms-prefix must be like +61, not \"{}\"", one));
      rules.sms_prefixes.push_back(one);
    }
  }
  if (run.has("sms-country")) {
    rules.sms_country = run.one("sms-country");
    if (!is_prefix(rules.sms_country)) {
      run.refuse(fmt::format("--sms-country must be like +61, not \"{}\"", rules.sms_country));
    }
  }
  CommandReply reply = save(run, rules, "account.sending_changed", account.id);
  if (reply.exit_code == kDone) reply.text += to_lines(describe(rules, run.model()));
  return reply;
}

constexpr OptionInfo kAccount{"account", "ACCOUNT", "Only of this account.", false, false};

}  // namespace

std::vector<ActionInfo> sender_actions() {
  return {
      {"sender",
       "add",
       "VALUE",
       "Adds a domain, an email address or, with --sms, a sender of SMS; it waits to be verified.",
       sender_add,
       {{"account", "ACCOUNT", "The account it belongs to.", true, false},
        {"sms", "", "It is a sender of SMS: up to 11 letters and digits, or a number."}}},
      {"sender",
       "verify",
       "SENDER",
       "Verifies a sender: by its domain's DNS, or by the operator's word.",
       sender_verify,
       {kAccount, {"vouch", "", "The operator knows that it is the account's."}}},
      {"sender",
       "dkim",
       "SENDER",
       "Makes a DKIM key for a domain; its mail is signed from then on.",
       sender_dkim,
       {kAccount,
        {"selector", "NAME", "The key's name in the DNS. Default: sallyport."},
        {"kind", "KIND", "rsa or ed25519. Default: rsa."}}},
      {"sender", "list", "", "Lists senders.", sender_list, {kAccount}},
      {"sender",
       "show",
       "SENDER",
       "Shows one sender, with its DNS records.",
       sender_show,
       {kAccount}},
      {"sender",
       "disable",
       "SENDER",
       "Nothing is sent from it any more.",
       sender_disable,
       {kAccount}},
      {"account",
       "set-sending",
       "ACCOUNT",
       "Sets what an account may send, and how long its messages are kept.",
       account_set_sending,
       {{"per-minute", "NUMBER", "Recipients per minute, or \"unlimited\", which is the default."},
        {"per-day", "NUMBER", "Recipients per day, or \"unlimited\", which is the default."},
        {"sms-per-day", "NUMBER", "Parts of SMS per day, or \"unlimited\"."},
        {"retention-days", "DAYS", "How long messages are kept, or \"default\"."},
        {"sms-prefix", "PREFIX",
         "A country that SMS may be sent to, like +61; \"none\" closes all. May be repeated.",
         false, true},
        {"sms-country", "PREFIX", "The country of numbers without one, like +61."}}},
  };
}

}  // namespace sallyport::admin
