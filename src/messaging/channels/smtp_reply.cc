#include "messaging/channels/smtp_reply.h"

#include "messaging/text.h"

namespace sallyport::messaging {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string SmtpReply::text() const {
  std::string joined;
  for (const std::string& line : lines) {
    if (line.empty()) continue;
    if (!joined.empty()) joined += ' ';
    joined += line;
    if (joined.size() > kMaxReplyText) break;
  }
  return joined.substr(0, kMaxReplyText);
}

SmtpReplyReader::State SmtpReplyReader::feed(std::string& bytes) {
  for (;;) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string::npos) return bytes.size() > kMaxLine ? State::Broken : State::More;
    if (end > kMaxLine || reply_.lines.size() == kMaxLines) return State::Broken;
    std::string_view line = std::string_view(bytes).substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() < 3 || line[0] < '2' || line[0] > '5' || !is_digit(line[1]) ||
        !is_digit(line[2]) || (line.size() > 3 && line[3] != ' ' && line[3] != '-')) {
      return State::Broken;
    }
    const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    if (reply_.code != 0 && reply_.code != code) return State::Broken;
    reply_.code = code;
    const bool more = line.size() > 3 && line[3] == '-';
    reply_.lines.push_back(printable(line.substr(line.size() > 3 ? 4 : 3), kMaxLine));
    bytes.erase(0, end + 1);
    if (!more) return State::Done;
  }
}

}  // namespace sallyport::messaging
