#include "http/forwarded.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "base/encoding.h"

namespace sallyport::http {
namespace {

// One proxy's word on who came to it.
struct Hop {
  std::optional<IpAddress> client;  // none: "unknown", hidden, or not said
  std::optional<bool> tls;
};

struct Chain {
  bool present = false;
  bool malformed = false;
  std::vector<Hop> hops;     // the last proxy's last
  std::vector<bool> protos;  // of X-Forwarded-Proto, which need not have one for each hop
};

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Pieces between separators, which do not count within quotes. Nothing when a quote is left open.
std::optional<std::vector<std::string_view>> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (quoted && text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[at] == separator) {
      pieces.push_back(trim(text.substr(start, at - start)));
      start = at + 1;
    }
  }
  if (quoted) return std::nullopt;
  pieces.push_back(trim(text.substr(start)));
  return pieces;
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

// "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]:80", and for X-Forwarded-For "2001:db8::1".
std::optional<IpAddress> address_of(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
    return IpAddress::parse(text.substr(1, end - 1));
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    if (!is_port(text.substr(colon + 1))) return std::nullopt;
    text = text.substr(0, colon);
  }
  return IpAddress::parse(text);
}

std::optional<bool> tls_of(std::string_view proto) {
  if (equal_ascii_case(proto, "https")) return true;
  if (equal_ascii_case(proto, "http")) return false;
  return std::nullopt;
}

// RFC 7239 4: for=192.0.2.1;proto=https;by=..., each parameter once; a value may be quoted.
bool read_element(std::string_view element, Hop& hop) {
  const auto parameters = split(element, ';');
  if (!parameters) return false;
  bool with_for = false;
  bool with_proto = false;
  for (const std::string_view parameter : *parameters) {
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos || equals == 0) return false;
    const std::string_view name = parameter.substr(0, equals);
    std::string_view value = parameter.substr(equals + 1);
    if (value.starts_with('"')) {
      if (value.size() < 2 || !value.ends_with('"')) return false;
      value = value.substr(1, value.size() - 2);
      if (value.find('\\') != std::string_view::npos) return false;  // nothing of ours needs it
    }
    if (equal_ascii_case(name, "for")) {
      if (with_for) return false;
      with_for = true;
      hop.client = address_of(value);
      if (!hop.client && !value.starts_with('_') && !equal_ascii_case(value, "unknown")) {
        return false;
      }
    } else if (equal_ascii_case(name, "proto")) {
      hop.tls = tls_of(value);
      if (with_proto || !hop.tls) return false;
      with_proto = true;
    }
  }
  return true;
}

void read_forwarded(std::string_view value, Chain& chain) {
  chain.present = true;
  const auto elements = split(value, ',');
  if (!elements) {
    chain.malformed = true;
    return;
  }
  for (const std::string_view element : *elements) {
    Hop hop;
    chain.malformed = chain.malformed || !read_element(element, hop);
    chain.hops.push_back(hop);
  }
}

void read_for(std::string_view value, Chain& chain) {
  chain.present = true;
  const auto pieces = *split(value, ',');  // without quotes there is always an answer
  for (const std::string_view one : pieces) {
    Hop hop;
    hop.client = address_of(one);
    chain.malformed = chain.malformed || (!hop.client && !equal_ascii_case(one, "unknown"));
    chain.hops.push_back(hop);
  }
}

void read_proto(std::string_view value, Chain& chain) {
  chain.present = true;
  const auto pieces = *split(value, ',');  // without quotes there is always an answer
  for (const std::string_view one : pieces) {
    const auto tls = tls_of(one);
    chain.malformed = chain.malformed || !tls;
    chain.protos.push_back(tls.value_or(false));
  }
}

// As far as each that is named is a trusted proxy itself, the one before it is believed too.
ForwardedClient walk(const Chain& chain, std::span<const Network> trusted) {
  ForwardedClient found;
  for (std::size_t i = chain.hops.size(); i-- > 0;) {
    const Hop& hop = chain.hops[i];
    // Over the whole way: one stretch without TLS is enough to read it.
    if (hop.tls) found.tls = found.tls.value_or(true) && *hop.tls;
    if (!hop.client) break;
    found.client = hop.client;
    if (!is_in(trusted, *hop.client)) break;
  }
  if (!chain.protos.empty()) {
    found.tls = std::ranges::all_of(chain.protos, [](bool tls) { return tls; });
  }
  return found;
}

}  // namespace

bool is_in(std::span<const Network> networks, const IpAddress& address) {
  return std::ranges::any_of(
      networks, [&address](const Network& network) { return network.contains(address); });
}

ForwardedClient forwarded_client(const std::vector<Field>& fields,
                                 std::span<const Network> trusted_proxies) {
  Chain standard;
  Chain usual;
  for (const Field& field : fields) {
    if (field.name == "forwarded") read_forwarded(field.value, standard);
    if (field.name == "x-forwarded-for" && field.value.find('"') == std::string_view::npos) {
      read_for(field.value, usual);
    } else if (field.name == "x-forwarded-for") {
      usual.malformed = true;
    }
    if (field.name == "x-forwarded-proto" && field.value.find('"') == std::string_view::npos) {
      read_proto(field.value, usual);
    } else if (field.name == "x-forwarded-proto") {
      usual.malformed = true;
    }
  }
  ForwardedClient found;
  if (standard.malformed || usual.malformed) {
    found.ambiguous = true;
    return found;
  }
  if (!standard.present) return walk(usual, trusted_proxies);
  found = walk(standard, trusted_proxies);
  if (!usual.present) return found;
  const ForwardedClient other = walk(usual, trusted_proxies);
  found.ambiguous =
      found.client != other.client || (found.tls && other.tls && *found.tls != *other.tls);
  if (!found.tls) found.tls = other.tls;
  return found;
}

}  // namespace sallyport::http
