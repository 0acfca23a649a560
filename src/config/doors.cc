#include "config/doors.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

namespace sallyport::config {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxTextBytes = 512;  // of iss, aud and a claim's name

constexpr std::pair<std::string_view, Scheme> kSchemes[] = {
    {"bearer", Scheme::Bearer}, {"basic", Scheme::Basic}, {"certificate", Scheme::Certificate}};
constexpr std::pair<std::string_view, TokenAlgorithm> kAlgorithms[] = {
    {"RS256", TokenAlgorithm::Rs256},
    {"ES256", TokenAlgorithm::Es256},
    {"EdDSA", TokenAlgorithm::EdDsa}};

// A list of words out of a table, each once.
template <class Word, std::size_t kCount>
void read_words(const Scope& scope, std::string_view name, std::vector<Word>& out,
                const std::pair<std::string_view, Word> (&words)[kCount]) {
  if (!scope.has(name)) return;
  std::vector<std::string> texts;
  scope.texts(name, texts);
  out.clear();
  std::string list;
  for (const auto& [text, word] : words) {
    list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ", text);
  }
  for (const std::string& text : texts) {
    const auto known =
        std::ranges::find(words, std::string_view(text), &std::pair<std::string_view, Word>::first);
    if (known == std::end(words)) {
      scope.fail(name, fmt::format("must be a list of {}, not \"{}\"", list, text));
    } else if (std::ranges::find(out, known->second) != out.end()) {
      scope.fail(name, fmt::format("names \"{}\" twice", text));
    } else {
      out.push_back(known->second);
    }
  }
}

bool is_plain(std::string_view text) {
  return !text.empty() && text.size() <= kMaxTextBytes &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

void check_url(const Issuer& issuer, const std::string& name, const Findings& findings) {
  const std::string_view url = issuer.jwks_url;
  if (!url.empty() && (!url.starts_with("https://") || !is_plain(url) ||
                       !is_public_url(url.substr(0, url.find('?'))))) {
    findings.error(name + ".jwks_url",
                   fmt::format("issuer[].jwks_url must be like "
                               "\"https://login.example.com/jwks.json\", not \"{}\"",
                               issuer.jwks_url));
  }
  if (!issuer.ca_file.empty() && issuer.jwks_url.empty()) {
    findings.error(name + ".ca_file", "issuer[].ca_file is for issuer[].jwks_url only");
  }
  if (issuer.jwks_file.empty() == issuer.jwks_url.empty() &&
      !findings.is_wrong(name + ".jwks_file") && !findings.is_wrong(name + ".jwks_url")) {
    findings.error(name, fmt::format("the issuer \"{}\" needs one of issuer[].jwks_file and "
                                     "issuer[].jwks_url",
                                     issuer.name));
  }
}

void check_issuer(const Config& config, const Issuer& issuer, const std::string& name,
                  const Findings& findings) {
  if (!findings.is_wrong(name + ".issuer") && !is_plain(issuer.issuer)) {
    findings.error(name + ".issuer",
                   "issuer[].issuer must be what the tokens say in iss: 1 to 512 printable "
                   "characters");
  } else if (!issuer.issuer.empty() && issuer.issuer == config.tokens.issuer) {
    findings.error(name + ".issuer", "issuer[].issuer is tokens.issuer: that is ourselves");
  }
  if (!findings.is_wrong(name + ".audience") &&
      (issuer.audience.empty() || !std::ranges::all_of(issuer.audience, is_plain))) {
    findings.error(name + ".audience",
                   "issuer[].audience must name one audience at least: tokens for somebody else "
                   "are not for us");
  }
  if (!findings.is_wrong(name + ".algorithms") && issuer.algorithms.empty()) {
    findings.error(name + ".algorithms",
                   "issuer[].algorithms must name what its tokens are signed with: \"RS256\", "
                   "\"ES256\", \"EdDSA\"");
  }
  if (!findings.is_wrong(name + ".accounts") && issuer.accounts.empty()) {
    findings.error(name + ".accounts",
                   "issuer[].accounts must name the accounts whose users it may speak for; "
                   "[\"*\"] is every one");
  }
  if (!is_plain(issuer.user_claim)) {
    findings.error(name + ".user_claim", "issuer[].user_claim must name a claim");
  }
  check_url(issuer, name, findings);
}

void check_accounts(const Api& api, const std::string& name, const Findings& findings) {
  if (findings.is_wrong(name + ".accounts")) return;
  const auto user_only = std::ranges::find_if(api.routes, [](const Route& route) {
    return route.access && route.access->doors == Doors::UserOnly;
  });
  const bool in_route = user_only != api.routes.end();
  if (api.access.doors != Doors::UserOnly && !in_route) {
    if (api.accounts.empty()) return;
    findings.error(name + ".accounts",
                   fmt::format("api[].accounts is for doors = \"user only\", not \"{}\": {}",
                               to_string(api.access.doors),
                               asks_key(api.access.doors) ? "the key says which accounts it opens"
                                                          : "no user is asked for"));
  } else if (api.accounts.empty()) {
    const std::string route = fmt::format("{}.route[{}]", name, user_only - api.routes.begin());
    findings.error(
        in_route ? route + ".doors" : name + ".doors",
        "doors = \"user only\" needs api[].accounts: no key says in which account a user "
        "name is looked up");
  }
}

// `key` is the table as the documentation writes it.
void check_access(const Access& access, const std::string& name, std::string_view key,
                  const Findings& findings) {
  if (findings.is_wrong(name + ".doors") || findings.is_wrong(name + ".auth")) return;
  if (asks_user(access.doors) && access.auth.empty()) {
    findings.error(name + ".auth",
                   fmt::format("{0}.auth is empty, so no user could ever get in; what is open "
                               "without a user says {0}.doors = \"key only\"",
                               key));
  } else if (!asks_user(access.doors) && findings.is_set(name + ".auth")) {
    findings.error(name + ".auth", fmt::format("{0}.auth contradicts {0}.doors = \"{1}\", which "
                                               "asks for no user",
                                               key, to_string(access.doors)));
  }
  if (access.doors == Doors::None && findings.is_set(name + ".doors")) {
    findings.warn(name + ".doors",
                  fmt::format("{}.doors = \"none\": whoever reaches it gets in, and neither a plan "
                              "nor a role is asked",
                              key));
  }
}

// A certificate is shown in the handshake, so only hosts that ask for one there can have users who
// prove who they are with it.
void check_certificates(const Api& api, const std::string& name, const Findings& findings) {
  const bool asked = std::ranges::any_of(api.hosts, [](const VirtualHost& host) {
    return host.tls.client_certificates != ClientCertificates::Off;
  });
  bool accepted = api.access.accepts(Scheme::Certificate);
  const auto check = [&](const Access& access, const std::string& here, const char* key) {
    if (!access.accepts(Scheme::Certificate) || asked || findings.is_wrong(here + ".auth")) return;
    findings.error(here + ".auth",
                   fmt::format("{}.auth takes certificates, and no api[].host[] of the API \"{}\" "
                               "asks clients for one (client_certificates)",
                               key, api.name));
  };
  check(api.access, name, "api[]");
  for (std::size_t i = 0; i < api.routes.size(); ++i) {
    const std::optional<Access>& access = api.routes[i].access;
    if (!access) continue;
    accepted = accepted || access->accepts(Scheme::Certificate);
    check(*access, fmt::format("{}.route[{}]", name, i), "api[].route[]");
  }
  for (std::size_t i = 0; i < api.hosts.size() && !accepted; ++i) {
    const std::string key = fmt::format("{}.host[{}].client_name", name, i);
    if (!findings.is_set(key)) continue;
    findings.warn(key,
                  "api[].host[].client_name names nobody: \"certificate\" is not in api[].auth");
  }
}

void read_access(const Scope& scope, Access& access) {
  scope.choice("doors", access.doors,
               {{"key and user", Doors::KeyAndUser},
                {"key only", Doors::KeyOnly},
                {"user only", Doors::UserOnly},
                {"none", Doors::None}});
  if (!asks_user(access.doors)) {
    access.auth.clear();
  } else if (access.auth.empty()) {
    access.auth = Access().auth;
  }
  read_words(scope, "auth", access.auth, kSchemes);
}

}  // namespace

void read_doors(const Scope& scope, const Config& config, Api& api) {
  read_access(scope, api.access);
  scope.texts("accounts", api.accounts);
  scope.texts("issuers", api.issuers);
  if (!scope.has("issuers")) {
    for (const Issuer& issuer : config.issuers) api.issuers.push_back(issuer.name);
  }
  api.issues_tokens = can_issue_tokens(api.access);
  scope.boolean("tokens", api.issues_tokens);
}

void read_route_access(const Scope& scope, const Api& api, Route& route) {
  if (!scope.has("doors") && !scope.has("auth")) return;
  route.access = api.access;
  read_access(scope, *route.access);
}

void read_issuers(const Scope& root, Config& config) {
  const Scope tokens = root.table("tokens");
  tokens.text("issuer", config.tokens.issuer);
  tokens.choice("algorithm", config.tokens.algorithm,
                {{"EdDSA", TokenAlgorithm::EdDsa}, {"ES256", TokenAlgorithm::Es256}});
  tokens.duration("lifetime", config.tokens.lifetime, 1s, 24h);
  for (const Scope& scope : root.tables("issuer")) {
    Issuer& issuer = config.issuers.emplace_back();
    for (const std::string_view required :
         {"name", "issuer", "audience", "algorithms", "accounts"}) {
      if (!scope.has(required)) scope.fail(required, "is required");
    }
    scope.text("name", issuer.name);
    scope.text("issuer", issuer.issuer);
    scope.texts("audience", issuer.audience);
    scope.text("jwks_file", issuer.jwks_file);
    scope.text("jwks_url", issuer.jwks_url);
    scope.text("ca_file", issuer.ca_file);
    read_words(scope, "algorithms", issuer.algorithms, kAlgorithms);
    scope.text("user_claim", issuer.user_claim);
    scope.texts("accounts", issuer.accounts);
    scope.duration("leeway", issuer.leeway, 0ms, 10min);
    scope.duration("refresh", issuer.refresh, 1s, 24h);
  }
}

bool can_issue_tokens(const Access& access) {
  return access.doors == Doors::KeyAndUser && access.accepts(Scheme::Bearer) &&
         (access.accepts(Scheme::Basic) || access.accepts(Scheme::Certificate));
}

void check_issuers(const Config& config, const Findings& findings) {
  if (!is_plain(config.tokens.issuer)) {
    findings.error("tokens.issuer", "tokens.issuer must be 1 to 512 printable characters");
  }
  std::set<std::string> names;
  std::set<std::string> issuers;
  for (std::size_t i = 0; i < config.issuers.size(); ++i) {
    const Issuer& issuer = config.issuers[i];
    const std::string name = fmt::format("issuer[{}]", i);
    check_issuer(config, issuer, name, findings);
    if (!issuer.name.empty() && !names.insert(issuer.name).second) {
      findings.error(name + ".name", fmt::format("two issuers are named \"{}\"", issuer.name));
    }
    if (!issuer.issuer.empty() && !issuers.insert(issuer.issuer).second) {
      findings.error(name + ".issuer", fmt::format("two issuers say \"{}\" in iss", issuer.issuer));
    }
  }
}

void check_doors(const Config& config, const Api& api, const std::string& name,
                 const Findings& findings) {
  check_access(api.access, name, "api[]", findings);
  for (std::size_t i = 0; i < api.routes.size(); ++i) {
    const std::optional<Access>& access = api.routes[i].access;
    if (!access) continue;
    check_access(*access, fmt::format("{}.route[{}]", name, i), "api[].route[]", findings);
  }
  check_accounts(api, name, findings);
  check_certificates(api, name, findings);
  const bool key_in_route = std::ranges::any_of(
      api.routes, [](const Route& route) { return route.access && asks_key(route.access->doors); });
  if (!asks_key(api.access.doors) && !key_in_route && findings.is_set(name + ".key")) {
    findings.error(name + ".key", fmt::format("api[].key contradicts api[].doors = \"{}\", which "
                                              "asks for no key",
                                              to_string(api.access.doors)));
  }
  if (api.access.doors == Doors::None && !api.engine.empty()) {
    findings.error(name + ".doors",
                   "api[].doors = \"none\": the messaging engine works for an account, which a key "
                   "or a user must name");
  }
  if (api.issues_tokens && !can_issue_tokens(api.access)) {
    findings.error(name + ".tokens",
                   "api[].tokens = true needs both doors, and in api[].auth \"bearer\" and beside "
                   "it \"basic\" or \"certificate\"");
  }
  for (const std::string& issuer : api.issuers) {
    if (std::ranges::find(config.issuers, issuer, &Issuer::name) == config.issuers.end()) {
      findings.error(name + ".issuers",
                     fmt::format("api[].issuers: there is no [[issuer]] named \"{}\"", issuer));
    }
  }
  if (findings.is_set(name + ".issuers") && !api.issuers.empty() &&
      !api.access.accepts(Scheme::Bearer)) {
    findings.error(name + ".issuers", "api[].issuers needs \"bearer\" in api[].auth");
  }
}

std::string_view to_string(Doors doors) {
  switch (doors) {
    case Doors::KeyAndUser: return "key and user";
    case Doors::KeyOnly: return "key only";
    case Doors::UserOnly: return "user only";
    case Doors::None: return "none";
  }
  return "none";
}

std::string_view to_string(Scheme scheme) {
  return std::ranges::find(kSchemes, scheme, &std::pair<std::string_view, Scheme>::second)->first;
}

std::string_view to_string(TokenAlgorithm algorithm) {
  switch (algorithm) {
    case TokenAlgorithm::EdDsa: return "EdDSA";
    case TokenAlgorithm::Es256: return "ES256";
    case TokenAlgorithm::Rs256: return "RS256";
  }
  return "";
}

}  // namespace sallyport::config
