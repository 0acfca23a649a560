#include "storage/audit_heads.h"

#include <fstream>

#include "unit/storage/fixture.h"

namespace sallyport::storage {
namespace {

SignedHead head(std::int64_t sequence, char fill = 'm') {
  return {false, sequence, 1'790'000'000'000'000 + sequence, std::string(32, fill)};
}

TEST(AuditHeads, AHeadIsOneSignedWord) {
  const Secret key = audit_key();
  const std::string text = to_text(head(7), key);
  EXPECT_EQ(text.find_first_of(" \n\t"), std::string::npos);
  const auto read = parse_signed_head(text, key);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sequence, 7);
  EXPECT_EQ(read->mac, std::string(32, 'm'));
  EXPECT_FALSE(parse_signed_head(text, Secret(std::string(32, 'x')))) << "another key";
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == '1' ? '2' : '1';
    EXPECT_FALSE(parse_signed_head(changed, key)) << changed;
  }
  for (const char* bad : {"", "head", "head-1-2-3-4", "-----", "head--1-2"}) {
    EXPECT_FALSE(parse_signed_head(bad, key)) << bad;
  }
}

TEST(AuditHeads, NothingNewIsNotSignedAgain) {
  const Directory directory;
  const Secret key = audit_key();
  AuditHeads heads(directory.file("audit.heads"));
  EXPECT_NE(heads.append(head(1), key).value(), "");
  EXPECT_EQ(heads.append(head(1), key).value(), "");
  AuditHeads again(directory.file("audit.heads"));
  EXPECT_EQ(again.append(head(1), key).value(), "") << "nor by the next process";
  EXPECT_NE(again.append(head(2), key).value(), "");
  EXPECT_EQ(heads.expected(key).value().size(), 2U);
}

TEST(AuditHeads, ARestoredHeadTakesThePlaceOfAllBefore) {
  const Directory directory;
  const Secret key = audit_key();
  AuditHeads heads(directory.file("audit.heads"));
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(heads.append(head(i), key));
  SignedHead restored = head(2);
  restored.restored = true;
  ASSERT_NE(heads.append(restored, key).value(), "");
  ASSERT_TRUE(heads.append(head(3, 'n'), key));
  const auto expected = heads.expected(key).value();
  ASSERT_EQ(expected.size(), 2U);
  EXPECT_EQ(expected.at(3).mac, std::string(32, 'n'));
}

TEST(AuditHeads, ALogThatWasCutAndGrewAgainDoesNotVouchForItself) {
  const Directory directory;
  const Secret key = audit_key();
  AuditHeads heads(directory.file("audit.heads"));
  ASSERT_TRUE(heads.append(head(1), key));
  ASSERT_TRUE(heads.append(head(2), key));
  ASSERT_TRUE(heads.append(head(2, 'n'), key));
  const auto expected = heads.expected(key);
  ASSERT_FALSE(expected);
  EXPECT_NE(expected.error().message.find("row 2 was signed at"), std::string::npos);
}

TEST(AuditHeads, AForeignLineIsNamed) {
  const Directory directory;
  const Secret key = audit_key();
  AuditHeads heads(directory.file("audit.heads"));
  ASSERT_TRUE(heads.append(head(1), key));
  std::ofstream(directory.file("audit.heads"), std::ios::app) << "restored-0-0-00-00\n";
  const auto expected = heads.expected(key);
  ASSERT_FALSE(expected);
  EXPECT_EQ(expected.error().kind, ErrorKind::Invalid);
  EXPECT_NE(expected.error().message.find("audit.heads:2: not signed"), std::string::npos);
}

}  // namespace
}  // namespace sallyport::storage
