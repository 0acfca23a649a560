#include "messaging/channels/simulator.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/encoding.h"
#include "messaging/loop_wait.h"

namespace sallyport::messaging {
namespace {

using Kind = RecipientResult::Kind;

constexpr std::int64_t kSlowUs = 3'000'000;

enum class Play : std::uint8_t { Delivered, Failed, Deferred, Busy, Slow, InDoubt };

Play play_of(const Recipient& recipient) {
  struct Part {
    std::string_view word;
    std::string_view digits;
    Play play;
  };
  constexpr Part kParts[] = {{"failed", "0001", Play::Failed},
                             {"deferred", "0002", Play::Deferred},
                             {"busy", "0003", Play::Busy},
                             {"slow", "0004", Play::Slow},
                             {"indoubt", "0005", Play::InDoubt}};
  const std::string& to = recipient.destination;
  const std::string local = ascii_lower(to.substr(0, to.find_first_of("@+", 1)));
  for (const Part& part : kParts) {
    const bool meant =
        recipient.channel == ChannelKind::Email ? local == part.word : to.ends_with(part.digits);
    if (meant) return part.play;
  }
  return Play::Delivered;
}

RecipientResult result_of(const Recipient& recipient, Play play) {
  RecipientResult result{.recipient = recipient.index, .via = "simulator"};
  const auto say = [&result](Kind kind, std::int32_t code, const char* text) {
    result.kind = kind;
    result.code = code;
    result.text = text;
  };
  switch (play) {
    case Play::Delivered:
    case Play::Slow: say(Kind::Delivered, 250, "simulated: delivered"); break;
    case Play::Failed: say(Kind::Failed, 550, "simulated: no such recipient"); break;
    case Play::Deferred: say(Kind::Deferred, 450, "simulated: never now"); break;
    case Play::Busy:
      if (recipient.attempts > 1) {
        say(Kind::Delivered, 250, "simulated: delivered at last");
      } else {
        say(Kind::Deferred, 451, "simulated: busy");
      }
      break;
    case Play::InDoubt: say(Kind::InDoubt, 0, "simulated: the connection broke"); break;
  }
  return result;
}

}  // namespace

Task<Delivery> SimulatorChannel::deliver(Attempt attempt) {
  Delivery delivery;
  std::vector<std::int32_t> arrived;
  bool slow = false;
  for (const std::int32_t index : attempt.recipients) {
    const auto one = std::ranges::find(attempt.message.recipients, index, &Recipient::index);
    if (one == attempt.message.recipients.end()) continue;
    const Play play = play_of(*one);
    slow = slow || play == Play::Slow;
    delivery.results.push_back(result_of(*one, play));
    if (delivery.results.back().kind == Kind::Delivered && one->channel == ChannelKind::Email) {
      arrived.push_back(index);
    }
  }
  if (slow) {
    LoopWait<bool> over;
    loop_.at(clock_.monotonic_us() + kSlowUs, [resolve = over.resolver()] { resolve(true); });
    co_await over;
  }
  if (files_ != nullptr && !arrived.empty()) {
    attempt.recipients = std::move(arrived);
    const Delivery written = co_await files_->deliver(std::move(attempt));
    // What cannot be a mail must fail here as it would outside.
    for (const RecipientResult& one : written.results) {
      if (one.kind != Kind::Failed) continue;
      std::ranges::replace_if(
          delivery.results,
          [&one](const RecipientResult& known) { return known.recipient == one.recipient; }, one);
    }
  }
  co_return delivery;
}

}  // namespace sallyport::messaging
