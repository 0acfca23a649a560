// A request's head, made canonical once: routing, permission, thresholds, log and upstream use this
// one object. Its views point into the connection's buffer and into `kept`; it is valid until the
// request has been answered, on its connection's worker.
#pragma once

#include <cstdint>
#include <forward_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/net.h"
#include "base/reason.h"

namespace sallyport::http {

enum class Method : std::uint8_t { Get, Head, Post, Put, Patch, Delete, Options, Trace, Connect };
std::string_view to_string(Method method);
std::optional<Method> parse_method(std::string_view text);  // case-sensitive (RFC 9110 9.1)

// How the bytes came: a trusted listener counts as TLS, a refusing one never gets to a door.
enum class Transport : std::uint8_t { Tls, Trusted, Refused };

struct Field {
  std::string_view name;   // lower case
  std::string_view value;  // without surrounding blanks
};

struct QueryPair {
  std::string_view raw;    // "na%6De=v%20w", byte for byte
  std::string_view name;   // percent-decoded; '+' stays
  std::string_view value;  // percent-decoded; '+' stays
};

enum class Framing : std::uint8_t { None, Length, Chunked };

struct Request {
  Method method = Method::Get;
  std::string_view host;  // lower case, without port and trailing dot
  std::string_view sni;   // lower case; empty when the client sent none or without TLS
  std::string_view path;  // canonical, begins with '/'
  // Of path, without parameters and without empty ones at the end.
  std::vector<std::string_view> segments;
  bool trailing_slash = false;  // "/x/": segments {"x"}; false for "/"
  // What stands in the path and only a route that keeps it takes: a slash that is encoded, which
  // then is part of its segment, and parameters behind a semicolon.
  bool encoded_slash = false;
  bool parameters = false;
  std::string_view query;  // raw, without '?'
  std::vector<QueryPair> pairs;
  std::vector<Field> fields;
  std::vector<Field> overrides;  // fields that claim another method; only a route can believe them

  Framing framing = Framing::None;
  std::uint64_t content_length = 0;
  bool http10 = false;
  bool keep_alive = true;
  bool expect_continue = false;

  bool client_verified = false;           // by a client certificate
  std::string_view certificate_user;      // whom it names, folded; empty = nobody, or several
  std::int64_t certificate_until_us = 0;  // wall clock; when it ends

  Transport transport = Transport::Tls;
  IpAddress client;
  std::uint16_t client_port = 0;
  std::int64_t arrival_us = 0;         // monotonic, when the head was complete
  std::string_view request_id;         // ours: 32 lower-case hexadecimal digits
  std::string_view client_request_id;  // the client's X-Request-Id when well-formed, else empty
  std::size_t head_bytes = 0;

  // First value, or nullopt. The name in lower case.
  std::optional<std::string_view> field(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  std::optional<std::string_view> query_value(std::string_view name) const;

  // What could not be a slice of the head: percent-decoded names, an encoded path.
  std::string_view keep(std::string text);
  void clear();  // for the next request of a connection; keeps the capacity

  std::forward_list<std::string> kept;
};

}  // namespace sallyport::http
