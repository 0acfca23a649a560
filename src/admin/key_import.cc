#include "admin/key_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <exception>
#include <map>
#include <unordered_map>
#include <utility>

#include <boost/json.hpp>

#include "admin/answers.h"
#include "admin/bounds.h"
#include "admin/json_text.h"
#include "admin/key_terms.h"
#include "admin/rows.h"
#include "auth/api_key.h"
#include "base/secret.h"
#include "base/time_text.h"

namespace sallyport::admin {
namespace {

constexpr std::size_t kMaxNoteBytes = 400;

using Texts = std::map<std::string, std::string, std::less<>>;

Result<Texts> texts_of(std::string_view json) {
  try {
    Texts texts;
    const boost::json::value document = boost::json::parse({json.data(), json.size()});
    for (const auto& [name, value] : document.as_object()) {
      texts.emplace(std::string(name), boost::json::value_to<std::string>(value));
    }
    return texts;
  } catch (const std::exception&) {
    return fail(ErrorKind::Invalid, "the rows are not what this version understands");
  }
}

std::string text_in(const Texts& row, std::string_view name) {
  const auto found = row.find(name);
  return found == row.end() ? std::string() : found->second;
}

// What is read of one row: values by type, and the first rule that it breaks.
class RowReading {
 public:
  explicit RowReading(const Texts& texts) : texts_(texts) {}

  std::string text(std::string_view name) const { return text_in(texts_, name); }
  void refuse(std::string rule) {
    if (rule_.empty()) rule_ = std::move(rule);  // none: an empty one
  }
  bool refused() const { return !rule_.empty(); }
  const std::string& rule() const { return rule_; }

  std::int64_t time(std::string_view name) {
    const std::string written = text(name);
    if (written.empty()) return 0;
    const auto time = parse_rfc3339(written.size() == 10 ? written + "T00:00:00Z" : written);
    if (!time) {
      refuse(fmt::format("{} must be a time like 2027-01-31T12:00:00Z or a date like 2027-01-31",
                         name));
    }
    return time.value_or(0);
  }

  template <class Integer>
  void number(std::string_view name, std::optional<Integer>& out, std::uint64_t most) {
    const std::string written = text(name);
    if (written.empty()) return;
    std::uint64_t value = 0;
    const auto [end, error] =
        std::from_chars(written.data(), written.data() + written.size(), value);
    if (error != std::errc() || end != written.data() + written.size() || value > most) {
      refuse(fmt::format("{} must be a number from 0 to {}", name, most));
      return;
    }
    out = static_cast<Integer>(value);
  }

  // Separated by blanks or semicolons: a comma ends a field of CSV.
  std::vector<Network> networks(std::string_view name) {
    std::vector<Network> networks;
    const std::string written = text(name);
    for (std::size_t at = 0; at < written.size();) {
      const std::size_t end = std::min(written.find_first_of(" ;", at), written.size());
      if (end > at) {
        auto network = Network::parse(std::string_view(written).substr(at, end - at));
        if (!network) {
          refuse(network.error().message);
          return {};
        }
        networks.push_back(*network);
      }
      at = end + 1;
    }
    return networks;
  }

  // One of those that keys have.
  Status status(Status otherwise) {
    const std::string written = text("status");
    if (written.empty()) return otherwise;
    const auto parsed = parse_status(written);
    for (const Status known :
         {Status::Active, Status::Waiting, Status::Unclaimed, Status::Disabled, Status::Revoked}) {
      if (parsed == known) return known;
    }
    refuse("status must be active, waiting, unclaimed, disabled or revoked");
    return otherwise;
  }

  std::string note() {
    std::string written = text("note");
    const auto is_control = [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    };
    if (std::ranges::any_of(written, is_control)) refuse("note must have no control characters");
    if (written.size() > kMaxNoteBytes) {
      refuse(fmt::format("note must have at most {} bytes", kMaxNoteBytes));
    }
    return written;
  }

 private:
  const Texts& texts_;
  std::string rule_;
};

// One piece of an import.
class Piece {
 public:
  explicit Piece(Run& run) : run_(run), accept_weak_(run.has("accept-weak")) {}

  CommandReply import(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      const auto texts = texts_of(row.text);
      if (!texts) return {kBadUsage, "", "", texts.error().message};
      RowReading reading(*texts);
      take(row.line, reading);
      if (run_.failed()) return run_.refusal();  // the store does not answer
      if (reading.refused()) result_.refused.push_back({row.line, reading.rule()});
    }
    if (change_.put.empty()) return answer();
    result_.done = std::ssize(change_.put);
    const std::string json = JsonObject()
                                 .number("keys", result_.done)
                                 .number("first_line", rows.front().line)
                                 .number("last_line", rows.back().line)
                                 .str();
    const std::string subject = fmt::format("{} keys", result_.done);
    change_.events.push_back({"keys.imported", subject, {}, json, run_.now_us()});
    change_.audit.subject = subject;
    change_.audit.json = json;
    if (auto failed = run_.commit(std::move(change_))) return *failed;
    return answer();
  }

 private:
  CommandReply answer() const { return {kDone, "", to_json(result_), ""}; }

  void take(std::int64_t line, RowReading& row) {
    std::string key = row.text("key");
    row.refuse(std::string(auth::import_problem(key, accept_weak_)));
    ApiKey made;
    made.digest = auth::digest_of(key);
    made.hint = auth::imported_hint(key);
    made.weak = key.size() < auth::kMinImportedKeyBytes;
    wipe(key);
    if (row.refused()) return;
    const KeyTerms* terms = terms_of(row);
    if (terms == nullptr || is_there(made.digest, *terms, row)) return;
    fill(made, row, *terms);
    const auto [other, is_new] = lines_.emplace(made.digest, line);
    if (!is_new) row.refuse(fmt::format("it has the same key as line {}", other->second));
    if (!row.refused()) count(*terms, row);
    if (row.refused()) return;
    made.id = make_id<KeyId>(run_.random());
    result_.flagged += made.weak ? 1 : 0;
    change_.put.emplace_back(std::move(made));
  }

  void fill(ApiKey& key, RowReading& row, const KeyTerms& terms) const {
    key.subscription = terms.subscription;
    key.environment = terms.environment;
    key.created_us = run_.now_us();
    const std::string environment = row.text("environment");
    if (!environment.empty() && environment != to_string(terms.environment)) {
      row.refuse(fmt::format("its environment must be {}, as that of subscription {}",
                             to_string(terms.environment), terms.subscription.hex()));
    }
    const bool waits = terms.status == Status::Waiting;
    key.status = row.status(waits ? Status::Waiting : Status::Active);
    key.not_before_us = row.time("not_before");
    key.expires_us = row.time("expires");
    key.allowed_networks = row.networks("allowed_networks");
    key.note = row.note();
    row.number("rate_per_second", key.limits.rate_per_second, kMostRate);
    row.number("burst", key.limits.burst, kMostRate);
    row.number("quota", key.limits.quota, kMostQuota);
    if (key.limits.quota) key.limits.quota_period = terms.limits.quota_period;
    if (const std::string period = row.text("quota_period"); !period.empty()) {
      const auto parsed = parse_quota_period(period);
      if (!parsed) row.refuse("quota_period must be minute, hour, day or month");
      key.limits.quota_period = parsed.value_or(QuotaPeriod::Day);
    }
    row.refuse(limits_problem(key.limits, terms));
    row.refuse(settle_validity(key, terms, run_.now_us()));
  }

  // Looked up once for all rows that name it. nullptr: refused.
  const KeyTerms* terms_of(RowReading& row) {
    std::string name = row.text("subscription");
    if (name.empty()) name = row.text("application");
    if (name.empty()) name = run_.one("subscription");
    if (name.empty()) {
      row.refuse("it names no subscription, and --subscription is not given");
      return nullptr;
    }
    auto known = terms_.find(name);
    if (known == terms_.end()) {
      const auto subscription = run_.model().subscription(name);
      if (!subscription) {
        row.refuse(subscription.error().message);
        return nullptr;
      }
      known = terms_.emplace(name, key_terms(run_.model(), *subscription)).first;
    }
    row.refuse(ended_problem(known->second));
    return row.refused() ? nullptr : &known->second;
  }

  // Whether nothing is left to do: counted when it is the same subscription's, else refused.
  bool is_there(const Digest& digest, const KeyTerms& terms, RowReading& row) {
    const std::optional<KeyId> id = run_.take(run_.store().find_key(digest));
    if (!id) return run_.failed();
    const std::optional<ApiKey> key = run_.model().keys.find(*id);
    if (key && key->subscription == terms.subscription) {
      ++result_.present;
    } else {
      row.refuse(fmt::format("the key is there already: it is {} of subscription {}", id->hex(),
                             key ? key->subscription.hex() : "(none)"));
    }
    return true;
  }

  void count(const KeyTerms& terms, RowReading& row) {
    if (!terms.most_keys) return;
    const auto place = std::pair(terms.application.value, terms.plan.value);
    auto known = in_use_.find(place);
    if (known == in_use_.end()) {
      known = in_use_.emplace(place, keys_in_use(run_.model(), terms, run_.now_us())).first;
    }
    row.refuse(too_many_problem(terms, known->second));
    if (!row.refused()) ++known->second;
  }

  Run& run_;
  const bool accept_weak_;
  RowsResult result_;
  Change change_;
  std::map<Digest, std::int64_t> lines_;
  std::unordered_map<std::string, KeyTerms> terms_;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::size_t> in_use_;
};

CommandReply key_import(Run& run) {
  const auto text = run.secret(kRowsSecret);
  if (!text) run.bad_usage("there are no rows: the command line reads them from the file");
  if (run.failed()) return run.refusal();
  const std::vector<Row> rows = run.take(read_rows(*text));
  if (run.failed()) return run.refusal();
  return Piece(run).import(rows);
}

}  // namespace

ActionInfo key_import_action() {
  ActionInfo action{
      "key",
      "import",
      "FILE",
      "Takes in keys that exist already, from CSV, JSON lines, or one key a line.",
      key_import,
      {{"subscription", "SUBSCRIPTION", "Of keys whose row names no subscription."},
       {"format", "FORMAT", "csv or jsonl. Default: by the file's name or its first byte."},
       {"accept-weak", "", "Also keys of fewer than 16 bytes; they stay marked as weak."}}};
  action.rows = RowInput::Keys;
  return action;
}

}  // namespace sallyport::admin
