#include "admin/row_files.h"

#include <gtest/gtest.h>

#include <sstream>

#include "admin/rows.h"

namespace sallyport::admin {
namespace {

class RowFiles : public testing::Test {
 protected:
  int send(RowInput rows, std::vector<std::string> words,
           std::map<std::string, std::vector<std::string>> options) {
    out_.str("");
    err_.str("");
    ActionInfo action;
    action.rows = rows;
    CommandRequest request{std::move(words), std::move(options), {}, ""};
    EXPECT_TRUE(reads_rows(action, request));
    return send_row_file(action, std::move(request), "/nowhere", in_, {out_, err_, false, false, 0},
                         [this](const CommandRequest& piece) { return execute(piece); });
  }
  CommandReply execute(const CommandRequest& piece) {
    RowsResult result;
    for (const Row& row : *read_rows(piece.secrets.at("rows"))) {
      ++result.done;
      sent_ += row.text + "\n";
    }
    return {kDone, "", to_json(result), ""};
  }

  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  std::string sent_;
};

TEST_F(RowFiles, StandardInputIsADash) {
  in_.str("FIRST\nSECOND\n");
  EXPECT_EQ(send(RowInput::Ids, {"key", "revoke"}, {{"ids", {"-"}}}), kDone);
  EXPECT_EQ(sent_, "FIRST\nSECOND\n");
  EXPECT_EQ(out_.str(), "2 revoked, 0 already revoked, 0 refused\n");
}

TEST_F(RowFiles, WhatCannotBeReadIsNamed) {
  EXPECT_EQ(send(RowInput::Keys, {"key", "import", "/nothing"}, {}), kRefused);
  EXPECT_EQ(err_.str(), "sallyport: /nothing cannot be read\n");
  for (const RowInput rows : {RowInput::Keys, RowInput::Users}) {
    EXPECT_EQ(send(rows, {"key", "import", "/tmp"}, {}), kRefused);
    EXPECT_EQ(err_.str(), "sallyport: /tmp is a directory\n");
  }
  EXPECT_EQ(send(RowInput::Keys, {"key", "import", "-"}, {{"format", {"xml"}}}), kBadUsage);
  EXPECT_EQ(err_.str(), "sallyport: --format must be csv or jsonl, not \"xml\"\n");
}

TEST_F(RowFiles, KeysAreChosenInOneWay) {
  in_.str("FIRST\n");
  EXPECT_EQ(send(RowInput::Ids, {"key", "revoke", "X"}, {{"ids", {"-"}}}), kBadUsage);
  EXPECT_EQ(send(RowInput::Ids, {"key", "revoke"}, {{"ids", {"-"}}, {"account", {"Acme"}}}),
            kBadUsage);
  EXPECT_EQ(err_.str(), "sallyport: give --ids or --account, not both\n");
  EXPECT_EQ(sent_, "");
}

}  // namespace
}  // namespace sallyport::admin
