// An SMTP server in memory that answers by a script: for each step a queue of answers, else a good
// one. "DROP" closes the connection, "SILENCE" lets the deadline pass. Notes what it was sent. One
// thread; every task is done at once.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "messaging/connector.h"

namespace sallyport::messaging::test {

class ScriptedRelay final : public Connector {
 public:
  // Steps: connect, greeting, EHLO, HELO, STARTTLS, tls, MAIL, "RCPT <address>", RCPT, DATA,
  // write-content, write-dot, content, QUIT.
  void answer(const std::string& step, std::string text) {
    script_[step].push_back(std::move(text));
  }

  Task<Result<std::unique_ptr<Stream>>> connect(std::string host, std::uint16_t port,
                                                std::int64_t deadline_us) override;

  std::vector<std::string> commands;  // lines outside the content
  std::vector<std::string> contents;  // with their dots, without the final one
  std::vector<TlsPolicy> handshakes;
  std::string host;
  std::uint16_t port = 0;
  int connections = 0;
  int open = 0;  // streams that are there
  bool byte_by_byte = false;

  std::string take(const std::string& step, std::string otherwise);
  bool scripted(const std::string& step) const {
    const auto found = script_.find(step);
    return found != script_.end() && !found->second.empty();
  }

 private:
  std::map<std::string, std::deque<std::string>> script_;
};

}  // namespace sallyport::messaging::test
