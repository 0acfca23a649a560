#include "unit/messaging/channels/smpp/scripted_smsc.h"

#include <algorithm>
#include <cstring>

namespace sallyport::messaging::test {

void ScriptedSmsc::State::wake() {
  if (auto waiting = std::exchange(reader, std::nullopt)) (*waiting)(true);
}

class ScriptedSmsc::Wire final : public Stream {
 public:
  Wire(ScriptedSmsc& smsc, std::shared_ptr<State> state) : smsc_(smsc), state_(std::move(state)) {}

  Task<Result<std::size_t>> read_some(std::span<char> buffer, std::int64_t) override {
    while (state_->to_client.empty() && !state_->ended) {
      LoopWait<bool> more;
      state_->reader = more.resolver();
      co_await more;
    }
    const std::size_t size = std::min(buffer.size(), state_->to_client.size());
    std::memcpy(buffer.data(), state_->to_client.data(), size);
    state_->to_client.erase(0, size);
    co_return size;
  }
  Task<Result<void>> write_all(std::string_view bytes, std::int64_t) override {
    smsc_.from_client_ += bytes;
    for (;;) {
      auto pdu = take_pdu(smsc_.from_client_);
      if (!pdu || !*pdu) break;
      smsc_.take(std::move(**pdu));
    }
    co_return Result<void>();
  }
  Task<Result<void>> start_tls(TlsPolicy, std::int64_t) override { co_return Result<void>(); }
  void close() override {
    state_->ended = true;
    state_->wake();
  }

 private:
  ScriptedSmsc& smsc_;
  std::shared_ptr<State> state_;
};

Task<Result<std::unique_ptr<Stream>>> ScriptedSmsc::connect(std::string, std::uint16_t,
                                                            std::int64_t) {
  ++connections;
  state_ = std::make_shared<State>();
  from_client_.clear();
  co_return std::unique_ptr<Stream>(std::make_unique<Wire>(*this, state_));
}

void ScriptedSmsc::take(SmppPdu pdu) {
  received.push_back(pdu);
  const auto response =
      static_cast<SmppCommand>(static_cast<std::uint32_t>(pdu.command) | 0x80000000U);
  if (pdu.command == SmppCommand::BindTransceiver) {
    say({response, bind_status, pdu.sequence, std::string("smsc\0", 5)});
  } else if (!silent && pdu.command == SmppCommand::EnquireLink) {
    say({response, kSmppOk, pdu.sequence, {}});
  } else if (!silent && pdu.command == SmppCommand::SubmitSm && !submit_answers.empty()) {
    const auto [status, id] = submit_answers.front();
    submit_answers.pop_front();
    say({response, status, pdu.sequence, id + '\0'});
  }
}

std::size_t ScriptedSmsc::count(SmppCommand command) const {
  return static_cast<std::size_t>(std::ranges::count(received, command, &SmppPdu::command));
}

void ScriptedSmsc::answer_submit(std::size_t index, std::uint32_t status, std::string id) {
  for (const SmppPdu& pdu : received) {
    if (pdu.command != SmppCommand::SubmitSm || index-- != 0) continue;
    say({SmppCommand::SubmitSmResp, status, pdu.sequence, id + '\0'});
    return;
  }
}

void ScriptedSmsc::deliver(std::uint32_t sequence, std::string body) {
  say({SmppCommand::DeliverSm, kSmppOk, sequence, std::move(body)});
}

void ScriptedSmsc::say_bytes(std::string_view bytes) {
  state_->to_client += bytes;
  state_->wake();
}

void ScriptedSmsc::drop() {
  state_->ended = true;
  state_->wake();
}

}  // namespace sallyport::messaging::test
