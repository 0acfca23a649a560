// Asks the system's resolver for TXT records. Blocks for some seconds at most; the control thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace sallyport::admin {

// Each record's strings joined; empty when there is none. An Error when nobody could be asked.
Result<std::vector<std::string>> dns_texts(const std::string& name);

// The TXT records of an answer as it came over the wire, for tests.
std::vector<std::string> texts_of_answer(const std::vector<unsigned char>& answer);

}  // namespace sallyport::admin
