// What a person reads in an HTML text, as plain text: tags out, lines at blocks, the usual
// entities. For the part of a mail that stands in for the HTML; no more than readable. Pure, any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace sallyport::messaging {

std::string text_of_html(std::string_view html);

}  // namespace sallyport::messaging
