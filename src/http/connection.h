// One client connection, from the handshake to the close: reads heads under limits and deadlines,
// hands requests to its Exchange one after the other, writes the answers. Owned by its worker and
// used on its thread only. Faults end in an answer where one can still be sent, else in a close.
#pragma once

#include <array>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "config/config.h"
#include "http/chunked.h"
#include "http/exchange.h"
#include "http/head_parser.h"
#include "http/peer.h"
#include "http/readiness.h"
#include "http/source_limit.h"
#include "http/stream.h"

namespace sallyport::http {

class Connection;

// What the connections of one worker share.
struct ConnectionContext {
  config::Limits limits;  // the worker may change them between turns
  const Clock& clock;
  SeededRandom ids;       // for request ids only; seeded from the system
  bool draining = false;  // no further requests on a connection
  std::int64_t date_second = 0;
  std::string date;
  // Called once, at the very end of a connection's coroutine: destroy it in a later turn.
  std::function<void(Connection&)> ended;
  std::vector<Network> trusted_proxies = {};  // whose Forwarded and X-Forwarded-* are believed
  SourceLimit* sources = nullptr;             // of all workers; null = nobody counts
};

class Connection final : private BodyReader {
 public:
  // Takes the socket. `tls` is null on a plain listener.
  Connection(ConnectionContext& context, int socket, const TlsContext* tls,
             std::unique_ptr<Readiness> readiness, std::unique_ptr<Exchange> exchange, Peer peer);
  ~Connection() override;

  void start();  // runs until the first wait
  bool done() const { return task_.done(); }
  bool handshake_failed() const { return handshake_failed_; }
  // Closed without a word: the balancer's header was wrong, or the source has too many.
  bool turned_away() const { return turned_away_; }
  // The worker's tick: ends a wait whose deadline has passed, frees the buffer of an idle one.
  void tick(std::int64_t now_us);
  // An idle connection ends now, a fresh one soon, a busy one after its answer.
  void drain();
  void distrust();  // what was verified of the client does not hold any more: it ends likewise
  // At the end of the drain: whatever it waits for on the network, it gives up.
  void abandon();

 private:
  struct Ready;
  struct BodyReady;
  struct Turn;
  static constexpr std::size_t kDrainBytes = 64 * 1024;  // of a body that nobody wanted
  enum class Body : std::uint8_t { None, Unread, Read, Broken };

  Task<void> serve();
  Task<void> converse();
  Task<bool> read_announcement();
  bool admit();
  Task<bool> handshake();
  Task<bool> read_head();
  void gone_within_head();
  Task<void> respond();
  Task<void> refuse(HeadFault fault);
  Task<bool> write(std::string_view bytes);
  Task<bool> stream_body(BodySource* source, Reason* broken);
  Task<void> linger();
  Task<std::expected<std::string, BodyFault>> read_all(std::size_t limit) override;
  Task<BodyPiece> next() override;
  BodyPiece arrived() override;
  bool ended() const override { return body_ == Body::None || body_ == Body::Read; }
  void forget() override;
  std::string_view trailers() const override { return chunks_.trailers(); }
  BodyPiece take_piece(std::string_view& bytes);
  void append_piece(const BodySource& source, std::string_view piece);
  Task<bool> drain_body();

  // Reads what is there: Done with bytes in the buffer, or what to wait for.
  IoResult fill(std::size_t at_least);
  bool parse(HeadFault& fault);
  HeadFault believe_proxy();
  void begin_head();
  void tell_client();
  bool say_continue();
  void keep_for_next(std::string_view bytes);
  void make_request_id();
  void write_head(const Response& response, bool close);
  void finish(const Response& response);
  bool must_close(const Response& response) const;
  Ready ready(IoStatus wanted);
  void note_blocked(IoStatus wanted);
  void deadline(std::chrono::milliseconds after);
  std::string_view rest() const { return {buffer_.data() + begin_, end_ - begin_}; }

  ConnectionContext& context_;
  Stream stream_;
  std::unique_ptr<Readiness> readiness_;
  std::unique_ptr<Exchange> exchange_;
  Peer peer_;
  Request request_;
  HeadScanner scanner_;
  std::vector<char> buffer_;  // [begin_, end_): received and not consumed
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string next_;  // received behind a chunked body
  std::string out_;
  std::vector<char> body_raw_;  // of a body that is read as it comes
  std::string body_piece_;      // of a chunked one, decoded
  std::coroutine_handle<> body_waiting_;
  std::int64_t body_deadline_us_ = 0;
  bool body_expired_ = false;
  bool responding_ = false;  // the answer's head is on its way
  bool continued_ = false;   // 100 has been sent
  bool chunked_answer_ = false;
  std::string sni_;
  std::optional<VerifiedClient> client_;  // once the handshake is over
  std::array<char, 32> request_id_{};
  std::int64_t deadline_us_ = 0;  // 0 = none
  std::uint64_t body_left_ = 0;   // of a body with a length
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  ChunkedDecoder chunks_;
  Body body_ = Body::None;
  bool idle_ = false;  // waits for the first byte of a request
  bool fresh_ = true;  // has answered nothing yet
  unsigned pipelined_ = 0;
  bool expired_ = false;
  bool closing_ = false;
  bool handshake_failed_ = false;
  bool turned_away_ = false;
  bool distrusted_ = false;
  bool counted_ = false;  // in context_.sources
  Task<void> task_;
};

}  // namespace sallyport::http
