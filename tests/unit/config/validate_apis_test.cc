#include "config/validate_apis.h"

#include <gtest/gtest.h>

#include "config/parse.h"

namespace sallyport::config {
namespace {

// What is said word for word is in tests/golden/config/apis.expected and upstreams.expected.

std::string problems(const std::string& text) {
  std::string all;
  for (const Problem& problem :
       parse("[[listener]]\nkind='refuse'\n[[upstream]]\nname='u'\nendpoints=['http://a']\n" + text,
             "x.toml")
           .problems) {
    all += problem.to_string() + "\n";
  }
  return all;
}

TEST(CheckApis, AnApiWithAnUpstreamAndAHostIsEnough) {
  EXPECT_EQ(problems("[[api]]\nname='a'\nupstream='u'\n[[api.host]]\nhost='h'\n"), "");
  EXPECT_EQ(problems("[[api]]\nname='a'\n[[api.host]]\nhost='h'\n"), "") << "the engine's";
}

TEST(CheckApis, CorsTakesOriginsOrAStar) {
  const std::string api = "[[api]]\nname='a'\nupstream='u'\n[[api.host]]\nhost='h'\n[api.cors]\n";
  EXPECT_EQ(problems(api + "origins=['*']\n"), "");
  EXPECT_EQ(problems(api + "origins=['https://x.example:8443']\n"), "");
  EXPECT_NE(problems(api + "origins=['null']\n"), "") << "every sandboxed page has this one";
  EXPECT_NE(problems(api + "max_age='1m'\n"), "") << "no origin";
}

}  // namespace
}  // namespace sallyport::config
