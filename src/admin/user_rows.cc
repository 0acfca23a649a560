#include "admin/user_rows.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include "admin/json_text.h"
#include "auth/password_file.h"
#include "auth/password_hash.h"
#include "base/encoding.h"
#include "base/random.h"
#include "base/secret.h"

namespace sallyport::admin {
namespace {

constexpr std::size_t kAhead = 256;

}  // namespace

std::optional<RowSource::Next> UserRows::next() {
  if (ahead_.empty()) read_ahead();
  if (ahead_.empty()) return std::nullopt;
  Read read = std::move(ahead_.front());
  ahead_.pop_front();
  if (!read.rule.empty()) return RefusedRow{read.line, std::move(read.rule)};
  Row row{read.line, JsonObject().text("name", read.name).text("verifier", read.verifier).str()};
  wipe(read.verifier);
  return row;
}

void UserRows::read_ahead() {
  std::vector<char> buffer(kMaxRowBytes);
  while (ahead_.size() < kAhead && content_) {
    content_.getline(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    bytes_ += content_.gcount();
    if (content_.gcount() == 0 && !content_) break;
    ++line_;
    if (content_.fail() && !content_.eof()) {
      content_.clear();
      content_.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
      bytes_ += content_.gcount();
      ahead_.push_back({line_, {}, {}, "the line is too long"});
      continue;
    }
    const auto read = static_cast<std::size_t>(content_.gcount());
    take({buffer.data(), content_.eof() ? read : read - 1});  // without the line's end
  }
  std::ranges::fill(buffer, '\0');
  wrap();
}

void UserRows::take(std::string_view line) {
  const auto read = auth::read_password_line(line);
  if (!read) return;
  Read& one = ahead_.emplace_back();
  one.line = line_;
  if (!*read) {
    one.rule = read->error().message;
    return;
  }
  const auto folded = fold_username((*read)->name);
  const auto [present, is_new] =
      seen_.emplace(std::hash<std::string>{}(folded.value_or("")), line_);
  if (!is_new) {
    one.rule = "it has the same name as line " + std::to_string(present->second);
    return;
  }
  one.name = (*read)->name;
  one.verifier = (*read)->hash;
}

void UserRows::wrap() {
  std::vector<Read*> fast;
  for (Read& one : ahead_) {
    if (one.rule.empty() && auth::is_fast_import(one.verifier)) fast.push_back(&one);
  }
  std::atomic<std::size_t> next_one = 0;
  const auto work = [&] {
    SystemRandom random;
    for (std::size_t i = next_one++; i < fast.size(); i = next_one++) {
      auto wrapped = auth::import_hash(fast[i]->verifier, cost_, random);
      wipe(fast[i]->verifier);
      if (wrapped) {
        fast[i]->verifier = std::move(*wrapped);
      } else {
        fast[i]->rule = wrapped.error().message;
      }
    }
  };
  std::vector<std::jthread> helpers;
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 1; i < std::min(cores, fast.size()); ++i) helpers.emplace_back(work);
  work();
}

}  // namespace sallyport::admin
