// Users to be imported, as they stand in a file of htpasswd's or shadow's kind. Each becomes a row
// of JSON with a name and what is to be stored as its verifier: hashes that are fast are put inside
// an Argon2id here, on all cores, so that the server has nothing slow to do. What cannot be read is
// a refused row, and the next one is read. Command line only, one thread calls it.
#pragma once

#include <cstdint>
#include <deque>
#include <istream>
#include <optional>
#include <string>
#include <unordered_map>

#include "admin/rows.h"
#include "auth/password_format.h"

namespace sallyport::admin {

class UserRows final : public RowSource {
 public:
  UserRows(std::istream& content, const auth::Argon2Cost& cost) : content_(content), cost_(cost) {}
  std::optional<Next> next() override;
  std::int64_t bytes_read() const override { return bytes_; }

 private:
  struct Read {
    std::int64_t line = 0;
    std::string name;
    std::string verifier;  // still fast until wrap()
    std::string rule;      // not empty: it is refused
  };
  void read_ahead();
  void wrap();
  void take(std::string_view line);

  std::istream& content_;
  const auth::Argon2Cost cost_;
  std::int64_t bytes_ = 0;
  std::int64_t line_ = 0;
  std::deque<Read> ahead_;
  // Hashes of the folded names, and where they were: a million take 40 MB.
  std::unordered_map<std::uint64_t, std::int64_t> seen_;
};

}  // namespace sallyport::admin
