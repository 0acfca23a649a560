#include "messaging/channels/smpp/receipt.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/encoding.h"
#include "messaging/text.h"

namespace sallyport::messaging {
namespace {

constexpr std::size_t kMaxWord = 16;

// The value behind `name` ("stat:"), up to the next blank; any case, only at a word's beginning.
std::string_view value_of(std::string_view text, std::string_view name) {
  for (std::size_t at = 0; at + name.size() <= text.size(); ++at) {
    if (at != 0 && text[at - 1] != ' ') continue;
    if (!equal_ascii_case(text.substr(at, name.size()), name)) continue;
    const std::string_view rest = text.substr(at + name.size());
    return rest.substr(0, rest.find(' '));
  }
  return {};
}

struct Word {
  std::string_view text;
  std::uint8_t number;  // of message_state
  ReceiptState state;
};
constexpr std::array<Word, 10> kWords = {{{"ENROUTE", 1, ReceiptState::Underway},
                                          {"DELIVRD", 2, ReceiptState::Delivered},
                                          {"EXPIRED", 3, ReceiptState::Failed},
                                          {"DELETED", 4, ReceiptState::Failed},
                                          {"UNDELIV", 5, ReceiptState::Failed},
                                          {"ACCEPTD", 6, ReceiptState::Underway},
                                          {"UNKNOWN", 7, ReceiptState::Unknown},
                                          {"REJECTD", 8, ReceiptState::Failed},
                                          {"SCHEDULED", 0, ReceiptState::Underway},
                                          {"SKIPPED", 9, ReceiptState::Failed}}};

bool is_all(std::string_view text, std::string_view digits) {
  return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

std::optional<std::uint64_t> number_of(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Receipt> read_receipt(const Delivered& delivered) {
  const std::string_view text = delivered.content;
  Receipt receipt;
  receipt.id =
      delivered.receipted_id.empty() ? std::string(value_of(text, "id:")) : delivered.receipted_id;
  if (receipt.id.empty() || receipt.id.size() > 64) return std::nullopt;
  receipt.word = printable(value_of(text, "stat:"), kMaxWord);
  const auto found = std::ranges::find_if(kWords, [&](const Word& word) {
    return delivered.state ? word.number == *delivered.state
                           : equal_ascii_case(word.text, receipt.word);
  });
  if (found != kWords.end()) {
    receipt.state = found->state;
    receipt.word = found->text;
  }
  const std::string_view error = value_of(text, "err:");
  if (is_all(error, "0123456789")) {
    receipt.error = static_cast<std::int32_t>(number_of(error.substr(0, 6), 10).value_or(0));
  }
  return receipt;
}

std::string receipt_key(std::string_view id) {
  std::string key = ascii_lower(id);
  key.erase(0, std::min(key.find_first_not_of('0'), key.empty() ? 0 : key.size() - 1));
  return key;
}

std::vector<std::string> receipt_keys(std::string_view id) {
  const std::string key = receipt_key(id);
  std::vector<std::string> keys = {key};
  if (is_all(key, "0123456789")) {
    if (const auto value = number_of(key, 10)) keys.push_back(fmt::format("{:x}", *value));
  }
  if (is_all(key, "0123456789abcdef")) {
    if (const auto value = number_of(key, 16)) keys.push_back(fmt::format("{}", *value));
  }
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace sallyport::messaging
