#include "server/token_issuers.h"

#include <fmt/format.h>

#include <algorithm>

#include "admin/secrets_directory.h"
#include "auth/account_names.h"

namespace sallyport::server {
namespace {

constexpr std::string_view kEveryAccount = "*";

}  // namespace

TokenIssuers::TokenIssuers(const config::Config& config, const Clock& clock, Reclaimer& reclaimer)
    : config_(config),
      clock_(clock),
      reclaimer_(reclaimer),
      own_(config.tokens.issuer, reclaimer),
      reader_(clock) {}

Result<void> TokenIssuers::open(const auth::Directory& directory,
                                const std::vector<Account>& accounts) {
  if (auto opened = open_own(); !opened) return opened;
  for (const config::Issuer& settings : config_.issuers) {
    const bool every =
        std::ranges::find(settings.accounts, kEveryAccount) != settings.accounts.end();
    auto named = auth::find_accounts(directory, accounts,
                                     every ? std::vector<std::string>() : settings.accounts);
    if (!named) {
      return fail(named.error().kind,
                  fmt::format("issuer \"{}\": {}", settings.name, named.error().message));
    }
    outside_.push_back(
        std::make_unique<auth::TokenIssuer>(settings, std::move(*named), reclaimer_));
    if (auto added = reader_.add(*outside_.back()); !added) {
      return fail(added.error().kind,
                  fmt::format("issuer \"{}\": {}", settings.name, added.error().message));
    }
  }
  return {};
}

Result<void> TokenIssuers::open_own() {
  const std::string& directory = config_.base_directory;
  auto keys = admin::load_signing_keys(directory);
  if (!keys && keys.error().kind == ErrorKind::NotFound) {
    keys = auth::SigningKeys::make(config_.tokens.algorithm, clock_.unix_us(), random_);
    if (auto stored = admin::store_signing_keys(directory, *keys); !stored) return stored;
  }
  if (!keys) return std::unexpected(keys.error());
  apply(*keys);
  return {};
}

std::vector<const auth::TokenIssuer*> TokenIssuers::outside(
    const std::vector<std::string>& names) const {
  std::vector<const auth::TokenIssuer*> found;
  for (const auto& issuer : outside_) {
    if (std::ranges::find(names, issuer->settings().name) != names.end()) {
      found.push_back(issuer.get());
    }
  }
  return found;
}

}  // namespace sallyport::server
