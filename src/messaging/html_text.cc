#include "messaging/html_text.h"

#include <algorithm>

#include "base/encoding.h"

namespace sallyport::messaging {
namespace {

struct Entity {
  std::string_view name;
  std::string_view text;
};
constexpr Entity kEntities[] = {
    {"&amp;", "&"}, {"&lt;", "<"},   {"&gt;", ">"},   {"&quot;", "\""},
    {"&#39;", "'"}, {"&apos;", "'"}, {"&nbsp;", " "}, {"&euro;", "\xE2\x82\xAC"}};
constexpr std::string_view kBlocks[] = {"p",  "div", "br", "tr", "li", "h1",
                                        "h2", "h3",  "h4", "h5", "h6", "table"};
constexpr std::string_view kSilent[] = {"style", "script", "head", "title"};

// "</P class=x>" -> "p"
std::string name_of(std::string_view tag) {
  std::size_t at = tag.starts_with('/') ? 1 : 0;
  std::string name;
  for (; at < tag.size(); ++at) {
    const char c = tag[at];
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!word) break;
    name += c;
  }
  return ascii_lower(name);
}

}  // namespace

std::string text_of_html(std::string_view html) {
  std::string out;
  std::string silent;  // the element whose text nobody reads
  const auto add = [&out](char c) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ' && out.back() != '\n') {
      out += ' ';
    }
  };
  for (std::size_t at = 0; at < html.size();) {
    if (!silent.empty() && !equal_ascii_case(html.substr(at, 2 + silent.size()), "</" + silent)) {
      ++at;  // whatever it looks like
      continue;
    }
    if (html[at] == '<') {
      const std::size_t end = std::min(html.find('>', at), html.size());
      const std::string_view tag = html.substr(at + 1, end - at - 1);
      const std::string name = name_of(tag);
      at = end + 1;
      if (!silent.empty()) {
        if (name == silent) silent.clear();
        continue;
      }
      if (std::ranges::find(kSilent, name) != std::end(kSilent) && !tag.starts_with('/')) {
        silent = name;
      } else if (std::ranges::find(kBlocks, name) != std::end(kBlocks)) {
        while (!out.empty() && out.back() == ' ') out.pop_back();
        if (!out.empty() && !out.ends_with("\n\n")) out += '\n';
      }
      continue;
    }
    const auto* entity = std::ranges::find_if(
        kEntities, [&](const Entity& one) { return html.substr(at).starts_with(one.name); });
    if (html[at] == '&' && entity != std::end(kEntities)) {
      out += entity->text;
      at += entity->name.size();
      continue;
    }
    add(html[at++]);
  }
  while (!out.empty() && (out.back() == '\n' || out.back() == ' ')) out.pop_back();
  return out + "\n";
}

}  // namespace sallyport::messaging
