// An upstream on loopback that the test plays by hand, sockets watched with poll(2), time by hand.
// Shared by the tests of proxy/.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/exchange.h"
#include "http/readiness.h"
#include "proxy/forwarding.h"
#include "proxy/pool.h"
#include "proxy/upstream.h"

namespace sallyport::proxy {

class PollSockets final : public http::ReadinessSource {
 public:
  std::unique_ptr<http::Readiness> watch(int socket) override;
  bool turn();  // runs what is due; false when nothing was

 private:
  class Watched;
  std::vector<Watched*> watched_;
};

// Listens; the connections it accepted are played by hand.
class PlayedUpstream {
 public:
  PlayedUpstream();
  ~PlayedUpstream();
  PlayedUpstream(const PlayedUpstream&) = delete;
  PlayedUpstream& operator=(const PlayedUpstream&) = delete;

  std::uint16_t port() const { return port_; }
  bool accept();  // one more; false when none waits
  std::size_t accepted() const { return sockets_.size(); }
  void send(std::string_view bytes);  // on the last one
  void close_last();
  std::string& received();  // on the last one, all that is there

 private:
  int listener_;
  std::uint16_t port_ = 0;
  std::vector<int> sockets_;
  std::vector<std::string> received_;
};

// A request's body in pieces that the test gives.
class GivenBody final : public http::BodyReader {
 public:
  Task<std::expected<std::string, http::BodyFault>> read_all(std::size_t) override {
    co_return std::string();
  }
  Task<http::BodyPiece> next() override;
  http::BodyPiece arrived() override;
  bool ended() const override { return pieces.empty() && complete; }
  void forget() override { waiting_ = {}; }
  std::string_view trailers() const override { return {}; }
  void give(std::string piece, bool last);
  void fail(http::BodyFault why);

  std::vector<std::string> pieces;
  bool complete = true;
  bool forgotten() const { return !waiting_; }

 private:
  struct Wait;
  std::string current_;
  std::optional<http::BodyFault> fault_;
  std::coroutine_handle<> waiting_;
};

class ProxyTest : public testing::Test {
 protected:
  ProxyTest();
  // Makes upstream and pool of `settings`, by default one endpoint: `played`.
  void open();
  // Turns until `done`, at most two seconds.
  void until(const std::function<bool()>& done);
  bool settle();  // turns while something happens

  ManualClock clock;
  PollSockets sockets;
  PlayedUpstream played;
  config::Upstream settings;
  config::Api api;
  config::Route route;
  std::unique_ptr<Upstream> upstream;
  std::unique_ptr<Pool> pool;
};

}  // namespace sallyport::proxy
