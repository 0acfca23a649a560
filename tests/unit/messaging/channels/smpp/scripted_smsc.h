// An SMSC in memory: a Connector whose streams speak SMPP from the other side, as far as it is
// told. It answers binds, enquiries and submissions by itself unless it is silent. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "messaging/channels/smpp/pdu.h"
#include "messaging/connector.h"
#include "messaging/loop_wait.h"

namespace sallyport::messaging::test {

class ScriptedSmsc final : public Connector {
 public:
  Task<Result<std::unique_ptr<Stream>>> connect(std::string host, std::uint16_t port,
                                                std::int64_t deadline_us) override;

  std::uint32_t bind_status = kSmppOk;
  bool silent = false;                                               // answers nothing but binds
  std::deque<std::pair<std::uint32_t, std::string>> submit_answers;  // status, id

  std::vector<SmppPdu> received;
  std::size_t connections = 0;

  std::size_t count(SmppCommand command) const;
  std::size_t submitted() const { return count(SmppCommand::SubmitSm); }
  void answer_submit(std::size_t index, std::uint32_t status, std::string id);
  void deliver(std::uint32_t sequence, std::string body);
  void say(const SmppPdu& pdu) { say_bytes(encoded(pdu)); }
  void say_bytes(std::string_view bytes);
  void drop();

 private:
  class Wire;
  struct State {
    std::string to_client;
    bool ended = false;
    std::optional<LoopWait<bool>::Resolver> reader;
    void wake();
  };
  void take(SmppPdu pdu);

  std::shared_ptr<State> state_;
  std::string from_client_;
};

}  // namespace sallyport::messaging::test
