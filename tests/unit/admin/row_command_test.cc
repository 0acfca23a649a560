#include "admin/row_command.h"

#include <gtest/gtest.h>

#include <deque>
#include <sstream>

namespace sallyport::admin {
namespace {

class FakeRows final : public RowSource {
 public:
  std::optional<Next> next() override {
    if (rows.empty()) return std::nullopt;
    Next one = std::move(rows.front());
    rows.pop_front();
    ++taken;
    return one;
  }
  std::int64_t bytes_read() const override { return taken; }
  std::deque<Next> rows;
  std::int64_t taken = 0;
};

class RowCommand : public testing::Test {
 protected:
  int send(bool json = false) {
    return send_rows({{"key", "import", "x"}, {}, {}, ""}, rows_,
                     {"imported", "already there", "weak"},
                     [this](const CommandRequest& request) { return execute(request); },
                     {out_, err_, false, json, 0});
  }
  CommandReply execute(const CommandRequest& request) {
    const auto rows = read_rows(request.secrets.at("rows"));
    sizes_.push_back(rows->size());
    if (fails_at_ == sizes_.size()) return {kRefused, "", "", "the store is away"};
    RowsResult result;
    for (const Row& row : *rows) {
      if (row.text == "there") {
        ++result.present;
      } else if (row.text == "bad") {
        result.refused.push_back({row.line, "is bad"});
      } else {
        ++result.done;
      }
    }
    return {kDone, "", to_json(result), ""};
  }
  FakeRows rows_;
  std::ostringstream out_;
  std::ostringstream err_;
  std::vector<std::size_t> sizes_;
  std::size_t fails_at_ = 0;
};

TEST_F(RowCommand, SumsUpAndTellsEachRefusal) {
  rows_.rows = {Row{1, "good"}, RefusedRow{2, "cannot be read"}, Row{3, "bad"}, Row{4, "there"}};
  EXPECT_EQ(send(), kRefused);
  EXPECT_EQ(out_.str(), "1 imported, 1 already there, 2 refused\n");
  EXPECT_EQ(err_.str(), "line 2: cannot be read\nline 3: is bad\n");
}

TEST_F(RowCommand, RefusalsAreToldInTheOrderOfLines) {
  rows_.rows = {Row{1, "bad"}, RefusedRow{2, "cannot be read"}, Row{3, "bad"}};
  EXPECT_EQ(send(), kRefused);
  EXPECT_EQ(err_.str(), "line 1: is bad\nline 2: cannot be read\nline 3: is bad\n");
  rows_.rows = {RefusedRow{7, "cannot be read"}};
  err_.str("");
  sizes_.clear();
  EXPECT_EQ(send(), kRefused);
  EXPECT_EQ(err_.str(), "line 7: cannot be read\n");
  EXPECT_TRUE(sizes_.empty()) << "nothing was sent";
}

TEST_F(RowCommand, InJson) {
  rows_.rows = {Row{1, "good"}, Row{3, "bad"}};
  EXPECT_EQ(send(true), kRefused);
  EXPECT_EQ(out_.str(),
            "{\"imported\":1,\"already_there\":0,\"weak\":0,\"refused\":[{\"line\":3,\"rule\":"
            "\"is bad\"}]}\n");
  EXPECT_EQ(err_.str(), "");
}

TEST_F(RowCommand, ManyGoInPieces) {
  for (int i = 0; i < 4'500; ++i) rows_.rows.emplace_back(Row{i + 1, "good"});
  EXPECT_EQ(send(), kDone);
  EXPECT_EQ(sizes_, (std::vector<std::size_t>{2'000, 2'000, 500}));
  EXPECT_EQ(out_.str(), "4500 imported, 0 already there, 0 refused\n");
}

TEST_F(RowCommand, AFailureSaysWhereItStopped) {
  for (int i = 0; i < 4'500; ++i) rows_.rows.emplace_back(Row{i + 1, "good"});
  fails_at_ = 2;
  EXPECT_EQ(send(), kRefused);
  EXPECT_EQ(err_.str(),
            "sallyport: stopped at lines 2001 to 4000: the store is away\n"
            "What was taken in before stays: 2000 imported, 0 already there. The same file again "
            "goes on from there.\n");
  EXPECT_EQ(out_.str(), "");
}

}  // namespace
}  // namespace sallyport::admin
