// A file of keys: whatever its bytes, every row ends, stands at a line that is there, and is one
// line of JSON with a key; nothing is read twice.
#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "admin/key_rows.h"
#include "base/result.h"
#include "messaging/json_reader.h"

using namespace sallyport;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  for (const auto format : {admin::KeyFormat::Csv, admin::KeyFormat::JsonLines}) {
    std::istringstream content(text);
    auto rows = admin::KeyRows::open(content, format);
    if (!rows) continue;
    std::int64_t line = 0;
    while (auto next = (*rows)->next()) {
      if (auto* refused = std::get_if<admin::RefusedRow>(&*next)) {
        SALLYPORT_CHECK(!refused->rule.empty() && refused->line > line);
        line = refused->line;
        continue;
      }
      const auto& row = std::get<admin::Row>(*next);
      SALLYPORT_CHECK(row.line > line && row.text.find('\n') == std::string::npos);
      line = row.line;
      const auto object = messaging::read_json(row.text);
      SALLYPORT_CHECK(object && object->find("key") != nullptr);
    }
    SALLYPORT_CHECK((*rows)->bytes_read() == static_cast<std::int64_t>(size));
  }
  return 0;
}
