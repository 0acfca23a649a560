#include "limit/scope.h"

namespace sallyport::limit {

void append_scope(std::string& out, const Match& match) {
  out += match.api;
  out += '/';
  if (!match.operation.empty()) {
    out += match.operation;
    return;
  }
  for (std::size_t i = 0; i < match.methods.size(); ++i) {
    if (i != 0) out += ',';
    out += match.methods[i];
  }
  out += ' ';
  out += match.pattern;
}

}  // namespace sallyport::limit
