#include "admin/dns_text.h"

#include <arpa/nameser.h>
#include <fmt/format.h>
#include <netdb.h>
#include <resolv.h>

#include <algorithm>

namespace sallyport::admin {

std::vector<std::string> texts_of_answer(const std::vector<unsigned char>& answer) {
  std::vector<std::string> texts;
  ns_msg message;
  if (ns_initparse(answer.data(), static_cast<int>(answer.size()), &message) != 0) return texts;
  for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
    ns_rr record;
    if (ns_parserr(&message, ns_s_an, i, &record) != 0) break;
    if (ns_rr_type(record) != ns_t_txt) continue;
    // RFC 1035 3.3.14: strings, each behind a byte with its length.
    const unsigned char* at = ns_rr_rdata(record);
    const unsigned char* const end = at + ns_rr_rdlen(record);
    std::string text;
    while (at < end) {
      const std::size_t length = std::min<std::size_t>(*at, static_cast<std::size_t>(end - at - 1));
      text.append(reinterpret_cast<const char*>(at + 1), length);
      at += 1 + length;
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<std::vector<std::string>> dns_texts(const std::string& name) {
  struct __res_state state{};
  if (res_ninit(&state) != 0) return fail(ErrorKind::Unavailable, "there is no resolver");
  state.retrans = 2;
  state.retry = 1;
  std::vector<unsigned char> answer(16 * 1024);
  const int length = res_nquery(&state, name.c_str(), ns_c_in, ns_t_txt, answer.data(),
                                static_cast<int>(answer.size()));
  const int error = state.res_h_errno;
  res_nclose(&state);
  if (length < 0 && (error == HOST_NOT_FOUND || error == NO_DATA)) {
    return std::vector<std::string>();
  }
  if (length < 0) {
    return fail(ErrorKind::Unavailable, fmt::format("the DNS does not answer for {}", name));
  }
  answer.resize(std::min(static_cast<std::size_t>(length), answer.size()));
  return texts_of_answer(answer);
}

}  // namespace sallyport::admin
