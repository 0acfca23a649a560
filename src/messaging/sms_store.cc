#include "messaging/sms_store.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace sallyport::messaging {

// Alone: "Stop by at five" is no wish to hear no more.
IncomingSms::Word word_of(std::string_view text) {
  constexpr std::array<std::string_view, 8> kStop = {"stop", "stopall", "unsubscribe", "cancel",
                                                     "end",  "quit",    "optout",      "arret"};
  constexpr std::array<std::string_view, 3> kStart = {"start", "unstop", "optin"};
  std::string word;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    const bool mark = c == '.' || c == '!' || c == ',' || c == '-' || c == '"' || c == '\'';
    if (blank || mark) continue;
    word += c;
    if (word.size() > 16) return IncomingSms::Word::None;
  }
  word = ascii_lower(word);
  if (std::ranges::find(kStop, word) != kStop.end()) return IncomingSms::Word::Stop;
  if (std::ranges::find(kStart, word) != kStart.end()) return IncomingSms::Word::Start;
  return IncomingSms::Word::None;
}

}  // namespace sallyport::messaging
