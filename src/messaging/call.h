// One request to the engine: what it asks for, in which representation, and how its answers are
// made: documents, errors in the fields that clients know, links with the caller's echo. Lives in
// the engine's coroutine on its worker; never fails.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/caller.h"
#include "config/config.h"
#include "http/exchange.h"
#include "http/request.h"
#include "http/response.h"
#include "messaging/document.h"
#include "messaging/engine.h"
#include "messaging/media_type.h"

namespace sallyport::messaging {

using QueryParts = std::vector<std::pair<std::string_view, std::string>>;  // values not encoded

class Call {
 public:
  Call(const config::Config& config, const http::Request& request, Caller caller, ResourcePath path,
       std::string time_zone);
  Call(const Call&) = delete;  // links look into it
  Call& operator=(const Call&) = delete;

  const config::Config& config() const { return config_; }
  const http::Request& request() const { return request_; }
  const Caller& caller() const { return caller_; }
  const ResourcePath& path() const { return path_; }
  const MediaFields& media() const { return media_; }
  const std::string& time_zone() const { return time_zone_; }

  // The representation of the answer; nullopt: 406.
  std::optional<MediaType> accepted() const { return negotiate(media_, rules_); }

  http::Response answer(const MediaType& type, const Document& document) const;
  // `text` is the specific reason (default: the status's phrase), `detail` where it is.
  http::Response refuse(int status, std::string text = {}, std::string detail = {}) const;
  http::Response refuse_body(http::BodyFault fault) const;

  // "messages" and so on under the base of the request's path: absolute, with the caller's echo.
  std::string uri(std::string_view below, const QueryParts& query = {}) const;
  std::string uri_from_root(std::string_view path, const QueryParts& query = {}) const;
  // The same in two steps, for many of one resource: `query` is encoded already.
  std::string resource(std::string_view below) const;
  std::string with_query(std::string_view uri, std::string_view below = {},
                         std::string_view query = {}) const;
  Link link(std::string uri, std::string_view rel, std::string_view method = "GET",
            std::string_view writes = {}) const;  // `writes`: "message", for its media types

  Time time(std::int64_t unix_us) const { return {unix_us, time_zone_}; }

 private:
  const config::Config& config_;
  const http::Request& request_;
  Caller caller_;
  ResourcePath path_;
  std::string time_zone_;
  MediaFields media_;
  MediaRules rules_;
};

// limit and offset of a list. Limit 0 and everything above the largest mean the largest.
struct Page {
  std::int64_t offset = 0;
  std::int64_t limit = 20;
};
inline constexpr std::int64_t kMaxPage = 20;
// nullopt: one of them is no number.
std::optional<Page> page_of(const http::Request& request);

// The answer of a list that has nothing to show, also past its end.
Document no_records();
// Adds "1 to 4 of 4"; the JSON form carries four blanks behind it, as clients know it.
void add_list_status(Object& object, const Page& page, std::size_t shown, std::size_t total);

}  // namespace sallyport::messaging
