#include "messaging/channels/smpp.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <list>
#include <utility>

#include "base/log.h"
#include "messaging/address.h"
#include "messaging/channels/smpp/incoming.h"
#include "messaging/channels/smpp/receipt.h"
#include "messaging/channels/smpp/segments.h"
#include "messaging/text.h"

namespace sallyport::messaging {
namespace {

using Kind = RecipientResult::Kind;

constexpr std::int64_t kSecondUs = 1'000'000;
// How long one message waits for a bind, or for an SMSC that wants it slower, before it goes back.
constexpr std::int64_t kPatienceUs = 30 * kSecondUs;
constexpr std::int64_t kStoreAwayUs = kSecondUs;
constexpr std::int64_t kFarewellUs = kSecondUs;
constexpr std::size_t kMostPassword = 8;  // SMPP 3.4, 5.2.2
constexpr std::int64_t kLongestValidityS = 30LL * 86'400;
constexpr std::size_t kShownId = 64;

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// 3GPP TS 23.040 9.1.2.5: a number with its country, a name, or a short number that only the
// network knows.
SmppAddress address_of(std::string_view sender) {
  if (sender.starts_with('+')) return {1, 1, std::string(sender.substr(1))};
  if (sender.empty() || is_digits(sender)) return {0, 0, std::string(sender)};
  return {5, 0, std::string(sender)};
}

// "000002030405000R": so long from now (7.1.1.2). Longer than a month is the SMSC's to bound.
std::string validity_of(std::int64_t expires_us, std::int64_t now_us) {
  if (expires_us == 0) return {};
  const std::int64_t left = std::max<std::int64_t>((expires_us - now_us) / kSecondUs, 1);
  if (left > kLongestValidityS) return {};
  return fmt::format("0000{:02}{:02}{:02}{:02}000R", left / 86'400, left / 3'600 % 24,
                     left / 60 % 60, left % 60);
}

// The same at every attempt, so that parts of two attempts join.
std::uint8_t reference_of(MessageId message, std::int32_t recipient) {
  std::uint64_t mixed = message.high ^ message.low ^ static_cast<std::uint64_t>(recipient);
  mixed ^= mixed >> 32U;
  mixed ^= mixed >> 16U;
  return static_cast<std::uint8_t>(mixed ^ (mixed >> 8U));
}

RecipientResult ended(std::int32_t recipient, Kind kind, std::string text) {
  return {.recipient = recipient, .kind = kind, .text = std::move(text)};
}

}  // namespace

struct SmppChannel::Group {
  std::vector<RecipientResult> results;
  std::size_t left = 0;
  LoopWait<bool> done;
};

SmppChannel::SmppChannel(const config::SmsChannel& settings, SmsStore& store, Connector& connector,
                         Loop& loop, const Clock& clock)
    : settings_(settings), store_(store), connector_(connector), loop_(loop), clock_(clock) {
  passwords_.resize(settings.binds.size());
  counters_.resize(settings.binds.size());
}

SmppChannel::~SmppChannel() { *alive_ = false; }

Result<void> SmppChannel::load_passwords() {
  for (std::size_t i = 0; i < settings_.binds.size(); ++i) {
    const std::string& path = settings_.binds[i].password_file;
    if (path.empty()) continue;
    struct stat found{};
    std::ifstream file(path, std::ios::binary);
    std::string line;
    if (::stat(path.c_str(), &found) != 0 || !file || !std::getline(file, line) || line.empty()) {
      return fail(ErrorKind::Invalid, path + ": the bind's password cannot be read");
    }
    if ((found.st_mode & 077U) != 0) {
      return fail(ErrorKind::Invalid, path + ": others than its owner can read it (chmod 600)");
    }
    if (line.ends_with('\r')) line.pop_back();
    if (line.size() > kMostPassword) {
      wipe(line);
      return fail(
          ErrorKind::Invalid,
          fmt::format("{}: a password of SMPP has {} characters at most", path, kMostPassword));
    }
    passwords_[i] = Secret(std::move(line));
  }
  return {};
}

void SmppChannel::start() {
  loop_.post([this, alive = alive_] {
    if (*alive) open();
  });
}

void SmppChannel::open() {
  for (std::size_t i = 0; i < settings_.binds.size(); ++i) {
    links_.push_back(std::make_unique<SmppLink>(
        settings_.binds[i], std::move(passwords_[i]), connector_, loop_, clock_, counters_[i],
        [this, i](const Delivered& delivered, SmppLink::Reply reply) {
          take(i, delivered, std::move(reply));
        },
        [this] { wake_all(); }));
  }
  for (const auto& link : links_) link->start();
}

void SmppChannel::stop() {
  loop_.post([this, alive = alive_] {
    if (!*alive) return;
    stopping_ = true;
    for (const auto& link : links_) link->stop();
    wake_all();
  });
}

void SmppChannel::close(Callback done) {
  loop_.post([this, alive = alive_, done = std::move(done)]() mutable {
    if (!*alive) return;
    bool bound = false;
    for (const auto& link : links_) bound = link->close() || bound;
    if (!bound) return done();
    loop_.at(clock_.monotonic_us() + kFarewellUs, std::move(done));
  });
}

// Posted: whoever waits may submit from within.
void SmppChannel::wake_all() {
  loop_.post([this, alive = alive_] {
    if (!*alive) return;
    const Wakers waiting = std::exchange(waiting_, {});
    for (const auto& resolve : waiting) resolve(true);
  });
}

// The bind with the most room; where none has any, the first to wait at.
SmppLink* SmppChannel::choose() const {
  if (stopping_) return nullptr;
  SmppLink* best = nullptr;
  for (const auto& link : links_) {
    if (!link->bound()) continue;
    if (best == nullptr || link->room() > best->room()) best = link.get();
  }
  return best;
}

// False when the time has passed; with `until_bound` true when a bind came up before.
Task<bool> SmppChannel::pause(std::int64_t us, bool until_bound) {
  LoopWait<bool> over;
  if (until_bound) waiting_.push_back(over.resolver());
  loop_.at(clock_.monotonic_us() + us, [resolve = over.resolver()] { resolve(false); });
  const bool bound = co_await over;
  std::erase_if(waiting_, [](const auto& one) { return one.settled(); });
  co_return bound;
}

Task<Delivery> SmppChannel::deliver(Attempt attempt) {
  Group group;
  group.left = attempt.recipients.size();
  if (group.left == 0) co_return Delivery{};
  std::list<Task<void>> tasks;
  for (const std::int32_t index : attempt.recipients) {
    tasks.push_back(send_one(&attempt, index, &group));
    tasks.back().start();
  }
  co_await group.done;
  co_return Delivery{std::move(group.results)};
}

Task<void> SmppChannel::send_one(const Attempt* attempt, std::int32_t index, Group* group) {
  const auto& recipients = attempt->message.recipients;
  const auto found = std::ranges::find(recipients, index, &Recipient::index);
  if (found != recipients.end()) {
    RecipientResult result = co_await send(&attempt->message, &*found);
    group->results.push_back(std::move(result));
  }
  // Posted: this task must have ended when its owner goes on.
  if (--group->left == 0) loop_.post([resolve = group->done.resolver()] { resolve(true); });
}

Task<RecipientResult> SmppChannel::send(const Message* message, const Recipient* recipient) {
  const std::int32_t index = recipient->index;
  // Looked up before the wire, not when it was accepted: STOP may have come meanwhile.
  const auto known =
      store_.sms_dispatch(message->account, message->id, index, recipient->destination);
  if (!known) {
    co_return ended(index, Kind::Deferred, "the store is away: " + known.error().message);
  }
  if (known->stopped) co_return ended(index, Kind::Failed, "the recipient has sent STOP");
  if (!is_phone_number(recipient->destination) || !recipient->destination.starts_with('+')) {
    co_return ended(index, Kind::Failed, "the recipient is no phone number");
  }
  const auto segments = segments_of(sms_text(message->content), reference_of(message->id, index));
  if (!segments) co_return ended(index, Kind::Failed, "the text is too long for SMS");

  const auto parts = static_cast<std::int32_t>(segments->parts.size());
  RecipientResult result{.recipient = index, .kind = Kind::Sent};
  for (std::int32_t part = 1; part <= parts; ++part) {
    if (std::ranges::find(known->parts, part) != known->parts.end()) continue;
    SubmitRequest request;
    request.source =
        address_of(message->sms_sender.empty() ? settings_.sender : message->sms_sender);
    request.destination = address_of(recipient->destination);
    request.has_header = segments->has_header();
    request.wants_receipt = wants_receipts(message->content);
    request.data_coding = segments->ucs2 ? 8 : 0;
    request.validity = validity_of(message->expires_us, clock_.unix_us());
    request.short_message = segments->parts[static_cast<std::size_t>(part) - 1];
    AcceptedPart accepted{.message = message->id,
                          .recipient = index,
                          .account = message->account,
                          .part = part,
                          .parts = parts,
                          .number = recipient->destination};
    const Sent sent = co_await submit(std::move(request), accepted);
    const SmppAnswer& answer = sent.answer;
    result.code = static_cast<std::int32_t>(answer.status);
    result.via = sent.bind == nullptr ? std::string() : sent.bind->name;
    const std::string which = parts == 1 ? "" : fmt::format("part {} of {}: ", part, parts);
    switch (answer.kind) {
      case SmppAnswer::Kind::Accepted: {
        result.text = which + "accepted as " + printable(answer.id, kShownId);
        accepted.smsc = sent.bind->smsc;
        accepted.key = receipt_key(answer.id);
        accepted.time_us = clock_.unix_us();
        co_await record(std::move(accepted));
        continue;
      }
      case SmppAnswer::Kind::Refused:
        result.kind = Kind::Failed;
        result.text = which + smpp_status_text(answer.status);
        break;
      case SmppAnswer::Kind::Temporary:
        result.kind = Kind::Deferred;
        result.text = which + smpp_status_text(answer.status);
        break;
      case SmppAnswer::Kind::Throttled:
        result.kind = Kind::Deferred;
        result.cause = RecipientResult::Cause::Throttled;
        result.text = which + smpp_status_text(answer.status);
        break;
      case SmppAnswer::Kind::Away:
        result.kind = Kind::Deferred;
        result.cause = RecipientResult::Cause::Destination;
        result.text = which + "no SMSC could be reached";
        break;
      case SmppAnswer::Kind::InDoubt:
        result.kind = Kind::InDoubt;
        result.text = which + "the SMSC did not confirm it";
        break;
    }
    co_return result;
  }
  co_return result;
}

// Over whichever bind takes it. What it was throttled with waits here, and was no attempt.
Task<SmppChannel::Sent> SmppChannel::submit(SubmitRequest request, AcceptedPart part) {
  const std::int64_t until = clock_.monotonic_us() + kPatienceUs;
  Sent sent;
  for (;;) {
    SmppLink* link = choose();
    const std::int64_t left = until - clock_.monotonic_us();
    if (stopping_ || left <= 0) co_return sent;
    if (link == nullptr) {
      co_await pause(left, true);
      continue;
    }
    sent.bind = &link->settings();
    part.smsc = sent.bind->smsc;
    // A name of its own: g++ 12 copies a temporary that is built in such a call byte by byte.
    SmppLink::OnLate on_late = [this, part](const std::string& id) {
      AcceptedPart late = part;
      late.key = receipt_key(id);
      late.time_us = clock_.unix_us();
      record_late(std::move(late));
    };
    SmppAnswer answer = co_await link->submit(request, std::move(on_late));
    sent.answer = std::move(answer);
    if (sent.answer.kind == SmppAnswer::Kind::Throttled) continue;
    if (sent.answer.kind != SmppAnswer::Kind::Away) co_return sent;
  }
}

// The SMSC has it: its id is written until the store takes it, or until we stop.
Task<void> SmppChannel::record(AcceptedPart part) {
  for (;;) {
    LoopWait<Result<bool>> written;
    store_.part_accepted(part, written.post_to(loop_));
    const Result<bool> result = co_await written;
    if (result) co_return;
    log::error("the SMSC's id of a message cannot be recorded: " + result.error().message);
    if (stopping_) co_return;
    co_await pause(kStoreAwayUs, false);
  }
}

// It is in doubt, and to be sent again unless this comes before.
void SmppChannel::record_late(AcceptedPart part) {
  part.late = true;
  store_.part_accepted(std::move(part), [](const Result<bool>& written) {
    if (!written) log::error("a late answer cannot be recorded: " + written.error().message);
  });
}

// What could not be stored is asked for again.
Done<bool> SmppChannel::answered_by(SmppLink::Reply reply) {
  return [this, alive = alive_, reply = std::move(reply)](const Result<bool>& stored) mutable {
    loop_.post([alive, reply = std::move(reply), kept = stored.has_value()]() mutable {
      if (*alive) reply(kept ? kSmppOk : kSmppTemporary);
    });
  };
}

void SmppChannel::take(std::size_t bind_index, const Delivered& delivered, SmppLink::Reply reply) {
  const SmppBind* bind = &settings_.binds[bind_index];
  const auto receipt = read_receipt(delivered);
  // Without the bits of esm_class it must say what has become of something; Kannel's own SMSC puts
  // a receipted_message_id into whatever it delivers.
  const bool reports = !delivered.receipted_id.empty() && receipt && !receipt->word.empty();
  if (!delivered.is_receipt && !reports) {
    ++counters_[bind_index].incoming;
    return take_incoming(*bind, delivered, std::move(reply));
  }
  ++counters_[bind_index].receipts;
  if (!receipt) {
    log::warn(fmt::format("SMPP bind {}: a receipt without an id", bind->name));
    return reply(kSmppOk);
  }
  if (receipt->state != ReceiptState::Delivered && receipt->state != ReceiptState::Failed) {
    return reply(kSmppOk);  // the last word is still to come
  }
  PartReport report = report_of(bind->smsc, delivered, *receipt, clock_.unix_us());
  store_.part_reported(std::move(report), answered_by(std::move(reply)));
}

void SmppChannel::take_incoming(const SmppBind& bind, const Delivered& delivered,
                                SmppLink::Reply reply) {
  auto sms = incoming_of(bind.smsc, delivered, clock_.unix_us());
  if (!sms) {
    log::warn(fmt::format("SMPP bind {}: a message with a broken header", bind.name));
    return reply(kSmppOk);  // it would come again for ever
  }
  store_.sms_received(std::move(*sms), answered_by(std::move(reply)));
}

}  // namespace sallyport::messaging
