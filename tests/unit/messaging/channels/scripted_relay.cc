#include "unit/messaging/channels/scripted_relay.h"

#include <algorithm>
#include <utility>

namespace sallyport::messaging::test {
namespace {

class ScriptedStream final : public Stream {
 public:
  explicit ScriptedStream(ScriptedRelay& relay) : relay_(relay) {
    ++relay_.open;
    reply(relay_.take("greeting", "220 relay ready"));
  }
  ~ScriptedStream() override { --relay_.open; }
  ScriptedStream(const ScriptedStream&) = delete;
  ScriptedStream& operator=(const ScriptedStream&) = delete;

  Task<Result<std::size_t>> read_some(std::span<char> buffer, std::int64_t) override {
    if (pending_.empty()) {
      if (dropped_) co_return std::size_t{0};
      co_return fail(ErrorKind::Unavailable, "no answer in time");
    }
    const std::size_t count =
        std::min(relay_.byte_by_byte ? std::size_t{1} : buffer.size(), pending_.size());
    std::copy_n(pending_.begin(), count, buffer.begin());
    pending_.erase(0, count);
    co_return count;
  }

  Task<Result<void>> write_all(std::string_view bytes, std::int64_t) override {
    const std::string step = bytes == ".\r\n" && in_content_ ? "write-dot" : "write-content";
    if (in_content_ && relay_.scripted(step)) {
      co_return fail(ErrorKind::Unavailable, relay_.take(step, ""));
    }
    if (dropped_) co_return fail(ErrorKind::Unavailable, "the peer has gone");
    received_ += bytes;
    take_lines();
    co_return Result<void>();
  }

  Task<Result<void>> start_tls(TlsPolicy policy, std::int64_t) override {
    relay_.handshakes.push_back(std::move(policy));
    const std::string fault = relay_.take("tls", "");
    if (!fault.empty()) co_return fail(ErrorKind::Unavailable, fault);
    secured_ = true;
    co_return Result<void>();
  }

  void close() override { dropped_ = true; }

 private:
  void take_lines() {
    for (;;) {
      if (in_content_) {
        const std::size_t end = ("\r\n" + received_).find("\r\n.\r\n");
        if (end == std::string::npos) return;
        relay_.contents.push_back(received_.substr(0, end));
        received_.erase(0, end + 3);
        in_content_ = false;
        reply(relay_.take("content", "250 2.0.0 queued as 17"));
        continue;
      }
      const std::size_t end = received_.find("\r\n");
      if (end == std::string::npos) return;
      const std::string line = received_.substr(0, end);
      received_.erase(0, end + 2);
      command(line);
    }
  }

  void command(const std::string& line) {
    relay_.commands.push_back(line);
    const std::string verb = line.substr(0, line.find(' '));
    if (verb == "EHLO") {
      return reply(relay_.take(
          verb, secured_ ? "250-relay\r\n250 SIZE 1000"
                         : "250-relay\r\n250-SIZE 1000\r\n250-STARTTLS\r\n250 8BITMIME"));
    }
    if (verb == "RCPT") {
      const std::size_t open = line.find('<');
      const std::string own = "RCPT " + line.substr(open + 1, line.find('>') - open - 1);
      return reply(relay_.scripted(own) ? relay_.take(own, "") : relay_.take(verb, "250 ok"));
    }
    if (verb == "DATA") {
      const std::string text = relay_.take(verb, "354 go on");
      in_content_ = text.starts_with("354");
      return reply(text);
    }
    if (verb == "STARTTLS") return reply(relay_.take(verb, "220 go on"));
    reply(relay_.take(verb, verb == "QUIT" ? "221 bye" : "250 ok"));
  }

  void reply(const std::string& text) {
    if (text == "SILENCE") return;
    if (text == "DROP") {
      dropped_ = true;
    } else {
      pending_ += text + "\r\n";
    }
  }

  ScriptedRelay& relay_;
  std::string pending_;   // to be read by the client
  std::string received_;  // and not taken yet
  bool in_content_ = false;
  bool dropped_ = false;
  bool secured_ = false;
};

}  // namespace

std::string ScriptedRelay::take(const std::string& step, std::string otherwise) {
  auto& queue = script_[step];
  if (queue.empty()) return otherwise;
  std::string text = std::move(queue.front());
  queue.pop_front();
  return text;
}

Task<Result<std::unique_ptr<Stream>>> ScriptedRelay::connect(std::string to, std::uint16_t at,
                                                             std::int64_t) {
  host = std::move(to);
  port = at;
  ++connections;
  const std::string fault = take("connect", "");
  if (!fault.empty()) co_return fail(ErrorKind::Unavailable, fault);
  co_return std::unique_ptr<Stream>(std::make_unique<ScriptedStream>(*this));
}

}  // namespace sallyport::messaging::test
