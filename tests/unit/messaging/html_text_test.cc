#include "messaging/html_text.h"

#include <gtest/gtest.h>

namespace sallyport::messaging::test {
namespace {

TEST(HtmlText, WhatAPersonReads) {
  struct Case {
    const char* html;
    const char* text;
  };
  const Case cases[] = {
      {"<p>Hello <b>Ann</b></p><p>Bye</p>", "Hello Ann\n\nBye\n"},
      {"a<br>b<br/>c", "a\nb\nc\n"},
      {"<style>p{x:y}</style><script>1<2</script>seen", "seen\n"},
      {"1 &lt; 2 &amp;&nbsp;3 &unknown;", "1 < 2 & 3 &unknown;\n"},
      {"  many\r\n  blanks ", "many blanks\n"},
      {"an open <tag", "an open\n"},
      {"", "\n"},
  };
  for (const Case& one : cases) EXPECT_EQ(text_of_html(one.html), one.text) << one.html;
}

}  // namespace
}  // namespace sallyport::messaging::test
