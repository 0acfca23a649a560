#include "admin/row_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>
#include <vector>

#include "admin/json_text.h"
#include "base/clock.h"
#include "base/secret.h"

namespace sallyport::admin {
namespace {

// A piece is one transaction: large enough that its commit does not matter, small enough that
// other commands wait for a moment only.
constexpr std::size_t kRowsAtOnce = 2'000;
constexpr std::size_t kBytesAtOnce = 1024 * 1024;
constexpr std::int64_t kDrawEvery_us = 100'000;
constexpr int kBarWidth = 30;

class Sender {
 public:
  Sender(CommandRequest request, RowSource& source, const RowWords& words,
         const std::function<CommandReply(const CommandRequest&)>& execute,
         const RowConsole& console)
      : request_(std::move(request)),
        source_(source),
        words_(words),
        execute_(execute),
        console_(console),
        began_us_(clock_.monotonic_us()) {}

  int run() {
    while (auto next = source_.next()) {
      ++lines_;
      if (auto* refused = std::get_if<RefusedRow>(&*next)) {
        unreadable_.push_back(std::move(*refused));
      } else {
        Row& row = std::get<Row>(*next);
        bytes_ += row.text.size();
        rows_.push_back(std::move(row));
      }
      const bool full = rows_.size() >= kRowsAtOnce || bytes_ >= kBytesAtOnce ||
                        unreadable_.size() >= kRowsAtOnce;
      if (full && !send()) return kRefused;
      draw(false);
    }
    if (!send()) return kRefused;
    draw(true);
    sum_up();
    return refused_ == 0 ? kDone : kRefused;
  }

 private:
  bool send() {
    std::vector<RefusedRow> refused = std::exchange(unreadable_, {});
    if (!rows_.empty() && !send_to_server(refused)) return false;
    std::ranges::stable_sort(refused, {}, &RefusedRow::line);
    for (RefusedRow& row : refused) tell(std::move(row));
    return true;
  }

  // Adds what is refused there to `refused`.
  bool send_to_server(std::vector<RefusedRow>& refused) {
    const std::int64_t first = rows_.front().line;
    const std::int64_t last = rows_.back().line;
    std::string& text = request_.secrets[std::string(kRowsSecret)];
    text = write_rows(rows_);
    for (Row& row : rows_) wipe(row.text);
    rows_.clear();
    bytes_ = 0;
    const CommandReply reply = execute_(request_);
    wipe(text);
    auto result = reply.exit_code == kDone
                      ? parse_rows_result(reply.json)
                      : Result<RowsResult>(fail(ErrorKind::Invalid, reply.error));
    if (!result) {
      for (RefusedRow& row : refused) tell(std::move(row));
      clear_line();
      console_.err << fmt::format(
          "sallyport: stopped at lines {} to {}: {}\n"
          "What was taken in before stays: {} {}, {} {}. The same file again goes on from there.\n",
          first, last, result.error().message, sum_.done, words_.done, sum_.present,
          words_.present);
      return false;
    }
    sum_.done += result->done;
    sum_.present += result->present;
    sum_.flagged += result->flagged;
    std::ranges::move(result->refused, std::back_inserter(refused));
    return true;
  }

  void tell(RefusedRow row) {
    ++refused_;
    clear_line();
    if (console_.json) {
      refused_json_ += (refused_json_.empty() ? "" : ",") +
                       JsonObject().number("line", row.line).text("rule", row.rule).str();
    } else {
      console_.err << fmt::format("line {}: {}\n", row.line, row.rule);
    }
  }

  void clear_line() {
    if (console_.progress && drawn_) console_.err << "\r\x1b[K";
    drawn_ = false;
  }

  void draw(bool last) {
    if (!console_.progress) return;
    const std::int64_t now_us = clock_.monotonic_us();
    if (last) return clear_line();
    if (now_us - drawn_us_ < kDrawEvery_us) return;
    drawn_us_ = now_us;
    const double seconds = static_cast<double>(now_us - began_us_) / 1e6;
    const auto rate = static_cast<std::int64_t>(static_cast<double>(lines_) / seconds);
    std::string bar;
    if (console_.total_bytes > 0) {
      const double part = std::min(1.0, static_cast<double>(source_.bytes_read()) /
                                            static_cast<double>(console_.total_bytes));
      const int full = static_cast<int>(part * kBarWidth);
      bar = fmt::format("[{}{}] {:3.0f} %  ", std::string(static_cast<std::size_t>(full), '#'),
                        std::string(static_cast<std::size_t>(kBarWidth - full), '.'), part * 100);
    }
    console_.err << fmt::format("\r{}{} lines, {}/s, {} refused\x1b[K", bar, lines_, rate,
                                refused_);
    console_.err.flush();
    drawn_ = true;
  }

  void sum_up() {
    if (console_.json) {
      JsonObject sums;
      sums.number(json_name(words_.done), sum_.done)
          .number(json_name(words_.present), sum_.present);
      if (!words_.flagged.empty()) sums.number(json_name(words_.flagged), sum_.flagged);
      console_.out << sums.raw("refused", "[" + refused_json_ + "]").str() << "\n";
      return;
    }
    console_.out << fmt::format("{} {}, {} {}, {} refused\n", sum_.done, words_.done, sum_.present,
                                words_.present, refused_);
    if (sum_.flagged > 0) console_.out << fmt::format("{} {}\n", sum_.flagged, words_.flagged);
  }

  static std::string json_name(std::string words) {
    for (char& c : words) {
      if (c == ' ') c = '_';
    }
    return words;
  }

  CommandRequest request_;
  RowSource& source_;
  const RowWords& words_;
  const std::function<CommandReply(const CommandRequest&)>& execute_;
  const RowConsole& console_;
  const SystemClock clock_;
  const std::int64_t began_us_;
  std::int64_t drawn_us_ = 0;
  bool drawn_ = false;
  std::vector<Row> rows_;
  std::vector<RefusedRow> unreadable_;  // told in the order of lines, with what the server refuses
  std::size_t bytes_ = 0;
  std::int64_t lines_ = 0;
  std::int64_t refused_ = 0;
  std::string refused_json_;
  RowsResult sum_;
};

}  // namespace

int send_rows(CommandRequest request, RowSource& source, const RowWords& words,
              const std::function<CommandReply(const CommandRequest&)>& execute,
              const RowConsole& console) {
  return Sender(std::move(request), source, words, execute, console).run();
}

}  // namespace sallyport::admin
