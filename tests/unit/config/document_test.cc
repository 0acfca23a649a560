#include "config/document.h"

#include <gtest/gtest.h>

namespace sallyport::config {
namespace {

TEST(ReadDocument, RemembersWhereKeysStand) {
  const auto document = read_document("[a]\nb = 1\n  c = 'x'\n[[d]]\ne = true\n[[d]]\n");
  ASSERT_TRUE(document);
  const Node* a = document->find("a");
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(a->place.line, 1U);
  ASSERT_NE(a->find("c"), nullptr);
  EXPECT_EQ(a->find("c")->place.line, 3U);
  EXPECT_EQ(a->find("c")->place.column, 3U);
  EXPECT_EQ(std::get<std::string>(a->find("c")->value), "x");
  const Node* d = document->find("d");
  ASSERT_NE(d, nullptr);
  EXPECT_TRUE(d->is_tables());
  EXPECT_EQ(std::get<Array>(d->value).size(), 2U);
  EXPECT_EQ(d->find("e"), nullptr) << "an array has no keys";
}

TEST(ReadDocument, NamesTypesInWords) {
  const auto document = read_document("a={}\nb=[]\nc=''\nd=1\ne=true\nf=1.5\ng=1979-05-27\n");
  ASSERT_TRUE(document);
  const std::pair<const char*, const char*> cases[] = {
      {"a", "a table"},       {"b", "an array"},      {"c", "a string"},
      {"d", "an integer"},    {"e", "true or false"}, {"f", "a number with a fraction"},
      {"g", "a date or time"}};
  for (const auto& [key, type] : cases) EXPECT_EQ(document->find(key)->type(), type);
  EXPECT_FALSE(document->find("b")->is_tables()) << "an empty array is none of tables";
}

TEST(ReadDocument, ASyntaxErrorHasAPlace) {
  const auto document = read_document("a = 1\nb = = 2\n");
  ASSERT_FALSE(document);
  EXPECT_EQ(document.error().place.line, 2U);
  EXPECT_FALSE(read_document("a = 1\na = 2\n")) << "a key twice";
  EXPECT_FALSE(read_document("a = '\xff'\n")) << "not UTF-8";
}

}  // namespace
}  // namespace sallyport::config
